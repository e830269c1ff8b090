import type { OperationName } from './operation-methods.ts';
import type { Code, Problem } from './types.ts';

/** Muster's codes, plus one for no response and one for a response that is not from Muster. */
export type MusterErrorCode = Code | 'no_answer' | 'unexpected_answer';

interface MusterErrorDetails {
  operation: OperationName;
  code: MusterErrorCode;
  status?: number | undefined;
  detail: string;
  hint: string;
  errors?: Problem['errors'];
  instance?: string | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** An operation that was refused or not answered. `detail` says what was wrong, `hint` what to do next. */
export class MusterError extends Error {
  override readonly name = 'MusterError';
  /** The operation that was called. */
  readonly operation: OperationName;
  /** The reason, from a closed list. */
  readonly code: MusterErrorCode;
  /** HTTP status; absent if there was no response. */
  readonly status: number | undefined;
  /** What was wrong. */
  readonly detail: string;
  /** What to do next. */
  readonly hint: string;
  /** The fields of the input that are wrong, and why. */
  readonly errors: readonly { pointer: string; message: string }[];
  /** Identifies the request in Muster's logs. */
  readonly instance: string | undefined;
  /** When to try again, in seconds, if the response says so. */
  readonly retryAfter: number | undefined;

  constructor(details: MusterErrorDetails) {
    const { operation, code, status, detail, hint, errors, instance, retryAfter, cause } = details;
    super(`${operation}: ${[status, code].filter(Boolean).join(' ')}: ${detail} ${hint}`, { cause });
    this.operation = operation;
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.hint = hint;
    this.errors = errors ?? [];
    this.instance = instance;
    this.retryAfter = retryAfter;
  }

  /** Whether retrying the request may succeed. */
  get isTemporary(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

/** The error for an unsuccessful response. */
export function errorFrom(operation: OperationName, { status, headers }: Response, body: unknown): MusterError {
  const retryAfter = secondsFrom(headers.get('retry-after'));
  if (isProblem(body)) {
    const { code, detail, hint, errors, instance } = body;
    return new MusterError({ operation, code, status, detail, hint, errors, instance, retryAfter });
  }
  const { code, hint } = gatewayAnswers[status] ?? unexpected;
  return new MusterError({ operation, code, status, detail: messageIn(body), hint, retryAfter });
}

/** Responses of API Gateway itself have a body of their own, with only a message. */
const gatewayAnswers: Partial<Record<number, { code: MusterErrorCode; hint: string }>> = {
  401: { code: 'invalid_key', hint: 'Use an API key of this Muster.' },
  413: { code: 'too_large', hint: 'Store large data elsewhere and send a reference.' },
  429: { code: 'throttled', hint: 'Send fewer requests at once.' },
  500: { code: 'internal', hint: 'Check the logs of Muster.' },
  502: { code: 'unavailable', hint: 'Retry the request.' },
  503: { code: 'unavailable', hint: 'Retry the request.' },
  504: { code: 'unavailable', hint: 'Retry the request.' },
};
const unexpected = { code: 'unexpected_answer', hint: 'Check that the URL is that of a Muster.' } as const;

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

function messageIn(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text || 'The response is empty.';
}

/** Retry-After is a number of seconds or a date. */
function secondsFrom(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
