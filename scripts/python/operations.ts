/** operations.py: one method per operation, for Muster and AsyncMuster. routes.py: the route of each. */
import type { Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import { OpenApiSchemas } from '#shared/contract/transports/openapi-schemas.ts';
import { typeName } from '#shared/contract/transports/openapi-responses.ts';
import { routeOf } from '../sdk-routes.ts';
import { PythonModels } from './models.ts';
import { argumentsDoc, docstring, heading, indent, quoted } from './text.ts';
import { isSchema } from './types.ts';

interface Field {
  name: string;
  type: string;
  doc: string;
  isRequired: boolean;
}

interface Method {
  name: string;
  about: string;
  fields: Field[];
  output: string;
  /** Set if it lists something page by page. */
  listed?: { name: string; item: string; id: string } | undefined;
}

/** The texts that models.py, operations.py and routes.py should have. */
export function pythonTexts() {
  const schemas = new OpenApiSchemas();
  const models = new PythonModels(schemas);
  const methods = operations.map((operation: Operation) => methodOf(operation, schemas, models));
  return { models: models.text, operations: operationsText(methods, models.names), routes: routesText() };
}

function methodOf(operation: Operation, schemas: OpenApiSchemas, models: PythonModels): Method {
  const { name, summary, description, route } = operation;
  const input = schemas.resolve(schemas.of(operation.input));
  const outputSchema = schemas.of(operation.output, `${typeName(name)}Output`);
  const output = models.typeOf(outputSchema, 'answered');
  const { properties = {} } = schemas.resolve(outputSchema);
  const [list] = Object.entries(properties).flatMap(([field, schema]) =>
    isSchema(schema) && schema.type === 'array' && isSchema(schema.items) ? [{ field, items: schema.items }] : [],
  );
  const isPaged = 'next_cursor' in properties && route.startsWith('GET ') && list;
  return {
    name,
    about: [summary, description].filter((text) => text !== undefined).join('. '),
    fields: models.fieldsOf(input, 'sent', typeName(name)),
    output,
    listed: isPaged
      ? {
          name: list.field,
          item: models.typeOf(list.items, 'answered', `${typeName(name)}${typeName(list.field).slice(0, -1)}`),
          id: Object.keys(schemas.resolve(list.items).properties ?? {})[0] ?? '',
        }
      : undefined,
  };
}

function operationsText(methods: Method[], names: string[]): string {
  const text = (isAsync: boolean) => methods.map((method) => indent(methodText(method, isAsync))).join('\n');
  const body = `class Operations(ABC):
    """One method for each operation. Each raises MusterError when it is refused or not answered."""

    @abstractmethod
    def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        """Performs an operation; fields that are None are left out."""

    @abstractmethod
    def _pages(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> Iterator[T]:
        """Performs an operation once for each page."""

${text(false)}

class AsyncOperations(ABC):
    """One coroutine for each operation. Each raises MusterError when it is refused or not answered."""

    @abstractmethod
    async def _call(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> T:
        """Performs an operation; fields that are None are left out."""

    @abstractmethod
    def _pages(self, operation: str, kind: type[T], fields: Mapping[str, Any]) -> AsyncIterator[T]:
        """Performs an operation once for each page."""

${text(true)}`;
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(body)).sort();
  return `${heading}

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from .._pages import each_once, each_once_async
from ..models import (
${used.map((name) => `    ${name},`).join('\n')}
)

T = TypeVar("T")


${body}`;
}

function methodText(method: Method, isAsync: boolean): string {
  const { name, about, fields, output, listed } = method;
  const text = `${signature(name, fields, output, isAsync)}
${indent(docstring(about, argumentsDoc(fields)))}    return ${isAsync ? 'await ' : ''}${callOf('_call', method, fields)}
`;
  return listed ? `${text}\n${iteratorText(method, listed, isAsync)}` : text;
}

function iteratorText(method: Method, listed: NonNullable<Method['listed']>, isAsync: boolean): string {
  const { name, fields } = method;
  const inputs = fields.filter((field) => field.name !== 'cursor');
  const iterator = `${isAsync ? 'AsyncIterator' : 'Iterator'}[${listed.item}]`;
  const about = `Like ${name}, but every one that matches, page by page as needed; limit is the page size.`;
  const each = isAsync ? 'each_once_async' : 'each_once';
  return `${signature(`iter_${name.slice(name.indexOf('_') + 1)}`, inputs, iterator, false)}
${indent(docstring(about))}    pages = ${callOf('_pages', method, inputs)}
    return ${each}(pages, lambda page: page.${listed.name}, lambda one: one.${listed.id})
`;
}

function signature(name: string, fields: Field[], output: string, isAsync: boolean): string {
  const required = fields.filter(({ isRequired }) => isRequired).map((field) => `${field.name}: ${field.type}`);
  const optional = fields
    .filter(({ isRequired }) => !isRequired)
    .map((field) => `${field.name}: ${field.type} | None = None`);
  const parameters = ['self', ...required, ...(optional.length > 0 ? ['*', ...optional] : [])];
  const head = `${isAsync ? 'async ' : ''}def ${name}`;
  const flat = `${head}(${parameters.join(', ')}) -> ${output}:`;
  return flat.length <= 96 ? flat : `${head}(\n${parameters.map((one) => `    ${one},`).join('\n')}\n) -> ${output}:`;
}

/** The shared call of all operations, on one line if it fits. */
function callOf(method: string, { name, output }: Method, fields: Field[]): string {
  const given = fields.map((field) => `${quoted(field.name)}: ${field.name}`);
  const flat = `self.${method}(${quoted(name)}, ${output}, {${given.join(', ')}})`;
  if (flat.length <= 90) return flat;
  return `self.${method}(
        ${quoted(name)},
        ${output},
        {
${indent(given.map((one) => `${one},`).join('\n'), 12)}
        },
    )`;
}

function routesText(): string {
  const rows = operations.map((operation: Operation) => {
    const { method, path, repeatable } = routeOf(operation);
    const when = typeof repeatable === 'boolean' ? (repeatable ? 'True' : 'False') : quoted(repeatable);
    return `    ${quoted(operation.name)}: Route(${quoted(method)}, ${quoted(path)}, ${when}),`;
  });
  return `${heading}

from __future__ import annotations

from typing import Literal, NamedTuple


class Route(NamedTuple):
    """Where an operation is found, and whether it is safe to send it twice: always, or when a certain field is given."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    repeatable: bool | Literal["idempotency_key", "attempt", "holding"]


ROUTES: dict[str, Route] = {
${rows.join('\n')}
}
`;
}
