/** The responses documented in OpenAPI, read as any client would read them. */
import { type ValidateFunction, Ajv2020 } from 'ajv/dist/2020.js';
import { operations } from '#shared/contract/operations.ts';
import type { Problem } from '#shared/contract/problem.ts';
import { refusalsOf } from '#shared/contract/transports/openapi-responses.ts';
import { openApiDocument } from '#shared/contract/transports/openapi.ts';

interface Media {
  schema: object;
}
interface Response {
  content: Record<string, Media>;
}
interface Described {
  operationId: string;
  responses: Record<string, Response | { $ref: string }>;
}
interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

const document = openApiDocument();
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operation: operation as Described,
  })),
);

const rfc3339InUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': rfc3339InUtc } });
const validators = new WeakMap<object, ValidateFunction>();

function validatorOf({ schema }: Media): ValidateFunction {
  const validator = validators.get(schema) ?? ajv.compile({ ...schema, components: document.components });
  validators.set(schema, validator);
  return validator;
}

/** How a response deviates from the documentation. Undefined if it does not, and for undocumented paths. */
export function deviation(method: string, target: string, { status, headers, body }: Answer): string | undefined {
  const [path = ''] = target.split('?');
  const operation = described.find((one) => one.method === method && one.path.test(path))?.operation;
  if (!operation) return undefined;
  const response = responseOf(operation, status) ?? responseOf(operation, 'default');
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  const media = response?.content[type];
  if (!media) return `${operation.operationId} documents no ${type} with status ${status}`;
  if (type === problemType && !isDocumented(operation, body as Problem)) {
    return `${operation.operationId} does not document ${(body as Problem).code} with status ${status}`;
  }
  const validate = validatorOf(media);
  if (validate(body)) return undefined;
  return `${operation.operationId} documents another ${type} with status ${status}: ${ajv.errorsText(validate.errors)}`;
}

const problemType = 'application/problem+json';

function responseOf({ responses }: Described, status: number | string): Response | undefined {
  const response = responses[status];
  if (!response || 'content' in response) return response;
  return document.components.responses[response.$ref.replace('#/components/responses/', '')];
}

/** The codes of an operation by status, and the code of a bug. */
const codesOf = (operation: Described) => {
  const row = operations.find(({ name }) => name === operation.operationId);
  return new Map([...(row ? refusalsOf(row) : []), [500, ['internal']]]);
};

const isDocumented = (operation: Described, { status, code }: Problem) =>
  codesOf(operation).get(status)?.includes(code) ?? false;

/** A kind of response as one line: with its code if it is a refusal, or who else refused it. */
export const kindOf = (operation: string, status: number | string, code: string) => `${operation} ${status} ${code}`;

/** Every documented kind of response. */
export function documentedKinds(): string[] {
  return described.flatMap(({ operation }) =>
    Object.keys(operation.responses).flatMap((key) => {
      const status = key === 'default' ? 500 : Number(key);
      if (status < 300) return kindOf(operation.operationId, status, 'done');
      const types = Object.keys(responseOf(operation, key)?.content ?? {});
      const codes = types.flatMap((type) =>
        type === problemType ? (codesOf(operation).get(status) ?? []) : ['API Gateway'],
      );
      return codes.map((code) => kindOf(operation.operationId, status, code));
    }),
  );
}
