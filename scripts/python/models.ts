/** models.py: a frozen dataclass for every object in responses, a TypedDict for every nested object in requests. */
import { codes } from '#shared/contract/problem.ts';
import type { JsonSchema, OpenApiSchemas } from '#shared/contract/transports/openapi-schemas.ts';
import { typeName } from '#shared/contract/transports/openapi-responses.ts';
import { docstring, heading, indent, quoted } from './text.ts';
import { docOf, isSchema, PythonTypes, referred, type Direction } from './types.ts';

/** Collects the types that operations use, each once, declared before its first use. */
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

  /** The Python type of a schema; declares the types it refers to. */
  typeOf(schema: JsonSchema, direction: Direction, name = ''): string {
    this.#declareReferred(schema, direction);
    const { $ref } = schema;
    const component = $ref === undefined ? schema : this.#schemas.resolve(schema);
    // A map with a name in the contract is a plain dict here.
    if ($ref !== undefined && !isClass(component) && component.enum === undefined)
      return this.#types[direction].of(component, referred(schema));
    return this.#types[direction].of(schema, name);
  }

  /** The fields of an object: name, type, description, and whether it is required. */
  fieldsOf(schema: JsonSchema, direction: Direction, owner: string) {
    const { properties = {}, required = [] } = schema;
    return Object.entries(properties).flatMap(([name, field]) => {
      if (!isSchema(field)) return [];
      const type = this.typeOf(field, direction, owner + typeName(name));
      return [{ name, type, doc: docOf(name, field), isRequired: required.includes(name) }];
    });
  }

  /** The names that models.py exports. */
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

  /** The types of its fields are declared first. */
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

/** A field that may be absent: lists and dicts are then empty, so that they can be iterated without a check. */
function orAbsent(type: string): string {
  const container = /^(list|dict)\[/.exec(type)?.[1];
  if (container !== undefined) return `${type} = field(default_factory=${container})`;
  return `${type === 'Any' || type.endsWith('None') ? type : `${type} | None`} = None`;
}

const isClass = ({ properties, additionalProperties }: JsonSchema) =>
  properties !== undefined && !isSchema(additionalProperties);

const enumeration = (name: string, { enum: values = [] }: JsonSchema) =>
  `${name}: TypeAlias = Literal[${values.map(quoted).join(', ')}]\n`;

/** One object in place of several alternatives in a response. */
const allOptional = (members: readonly JsonSchema[]): JsonSchema => ({
  type: 'object',
  properties: Object.assign({}, ...members.map(({ properties }) => properties)) as Record<string, JsonSchema>,
});

/** The docstring of an object without a description: `TaskSummary` is a task summary. */
const about = (name: string) =>
  name.endsWith('Output')
    ? `The response to ${apart(name.replace(/Output$/, ''), '_')}`
    : capitalized(apart(name, ' '));

const apart = (name: string, separator: string) =>
  name.replaceAll(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : separator}${letter.toLowerCase()}`);

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
