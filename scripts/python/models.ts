/** models.py: a frozen dataclass of everything that is answered, a TypedDict of what is sent inside other things. */
import { codes } from '#shared/contract/problem.ts';
import type { JsonSchema, OpenApiSchemas } from '#shared/contract/transports/openapi-schemas.ts';
import { typeName } from '#shared/contract/transports/openapi-responses.ts';
import { docstring, heading, indent, quoted } from './text.ts';
import { docOf, isSchema, PythonTypes, referred, type Direction } from './types.ts';

/** Collects the types that operations need, each once, in an order in which each is there before it is used. */
export class PythonModels {
  readonly #schemas: OpenApiSchemas;
  readonly #declared = new Map<string, string>();
  readonly #types: Record<Direction, PythonTypes>;
  readonly #names = new Set<string>();

  constructor(schemas: OpenApiSchemas) {
    this.#schemas = schemas;
    this.#types = {
      sent: new PythonTypes('sent', (schema, name) => this.#declare(name, () => this.#typedDict(name, schema))),
      answered: new PythonTypes('answered', (schema, name) => this.#declare(name, () => this.#dataclass(name, schema))),
    };
  }

  /** The type of a schema; what it refers to is declared. */
  typeOf(schema: JsonSchema, direction: Direction, name = ''): string {
    this.#declareReferred(schema, direction);
    const { $ref } = schema;
    const component = $ref === undefined ? schema : this.#schemas.resolve(schema);
    // A map that has a name in the contract is a dict here.
    if ($ref !== undefined && !isClass(component) && component.enum === undefined)
      return this.#types[direction].of(component, referred(schema));
    return this.#types[direction].of(schema, name);
  }

  /** The fields of an object: name, type, what is said of it, and whether it must be there. */
  fieldsOf(schema: JsonSchema, direction: Direction, owner: string) {
    const { properties = {}, required = [] } = schema;
    return Object.entries(properties).flatMap(([name, field]) => {
      if (!isSchema(field)) return [];
      const type = this.typeOf(field, direction, owner + typeName(name));
      return [{ name, type, doc: docOf(name, field), isRequired: required.includes(name) }];
    });
  }

  /** Names of what can be imported from models.py. */
  get names(): string[] {
    return [...this.#declared.keys(), 'ErrorCode'];
  }

  /** The text of models.py. */
  get text(): string {
    return `${heading}

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

ErrorCode: TypeAlias = Literal[
${Object.keys(codes)
  .map((code) => `    ${quoted(code)},`)
  .join('\n')}
]
"""Why a request can be refused."""


${[...this.#declared.values()].join('\n\n')}`;
  }

  #declareReferred(schema: JsonSchema, direction: Direction): void {
    if (schema.$ref !== undefined) {
      const component = this.#schemas.resolve(schema);
      const name = referred(schema);
      if (component.enum) this.#declare(name, () => enumeration(name, component));
      else if (isClass(component)) {
        const text = direction === 'sent' ? this.#typedDict.bind(this) : this.#dataclass.bind(this);
        this.#declare(name, () => text(name, component));
      }
      return;
    }
    const inside = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
    for (const one of inside) if (isSchema(one)) this.#declareReferred(one, direction);
  }

  /** What its fields refer to is declared first. */
  #declare(name: string, text: () => string): string {
    if (this.#names.has(name)) return name;
    this.#names.add(name);
    const declaration = text();
    this.#declared.set(name, declaration);
    return name;
  }

  #dataclass(name: string, schema: JsonSchema): string {
    const [base, own = schema] = schema.allOf ?? [];
    const merged = own.anyOf ? allOptional(own.anyOf) : own;
    const stem = name.replace(/Output$/, '');
    if (base) this.#declareReferred(base, 'answered');
    const fields = this.fieldsOf(merged, 'answered', stem).map(({ name: field, type, doc, isRequired }) => {
      const whole = isRequired ? type : orAbsent(type);
      return `${field}: ${whole}\n${docstring(doc)}`;
    });
    const head = `@dataclass(frozen=True, slots=True, kw_only=True)\nclass ${name}${base ? `(${referred(base)})` : ''}:`;
    return `${head}\n${indent(docstring(schema.description ?? about(name)) + '\n' + fields.join(''))}`;
  }

  #typedDict(name: string, schema: JsonSchema): string {
    const fields = this.fieldsOf(schema, 'sent', name).map(
      ({ name: field, type, doc, isRequired }) =>
        `${field}: ${isRequired ? type : `NotRequired[${type}]`}\n${docstring(doc)}`,
    );
    return `class ${name}(TypedDict):\n${indent(docstring(schema.description ?? about(name)) + '\n' + fields.join(''))}`;
  }
}

/** A field that may be absent: lists and dicts are empty then, so that they can be walked without a look. */
function orAbsent(type: string): string {
  const container = /^(list|dict)\[/.exec(type)?.[1];
  if (container !== undefined) return `${type} = field(default_factory=${container})`;
  return `${type === 'Any' || type.endsWith('None') ? type : `${type} | None`} = None`;
}

const isClass = ({ properties, additionalProperties }: JsonSchema) =>
  properties !== undefined && !isSchema(additionalProperties);

const enumeration = (name: string, { enum: values = [] }: JsonSchema) =>
  `${name}: TypeAlias = Literal[${values.map(quoted).join(', ')}]\n`;

/** One object for several of which one is answered. */
const allOptional = (members: readonly JsonSchema[]): JsonSchema => ({
  type: 'object',
  properties: Object.assign({}, ...members.map(({ properties }) => properties)) as Record<string, JsonSchema>,
});

/** What there is to say of an object that the contract does not describe: `TaskSummary` is a task summary. */
const about = (name: string) =>
  name.endsWith('Output') ? `The answer to ${apart(name.replace(/Output$/, ''), '_')}` : capitalized(apart(name, ' '));

const apart = (name: string, separator: string) =>
  name.replaceAll(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : separator}${letter.toLowerCase()}`);

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
