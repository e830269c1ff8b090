import type { MiddlewareObj } from '@middy/core';
import type { Code } from '#shared/contract/problem.ts';
import type { HttpRequest } from '../http/http-request.ts';
import { traceIdOf } from '#shared/contract/trace-context.ts';
import { metrics } from '#shared/schema.ts';
import { refusalOf } from '../http/refusal.ts';
import { logger } from './logger.ts';
import { writeMetric } from './write-metric.ts';

/** What may be logged about a call: no contents, results or keys. */
export interface Call {
  operation: string;
  request_id: string;
  key_id: string;
  /** The id of the caller's trace, if any. */
  trace_id?: string | undefined;
  /** The task that the call is about, if any. */
  task_id?: string | undefined;
  /** By performance.now(). */
  startedAt: number;
}

/** By request: a request that was given up may still be running while the next one is handled. */
const calls = new WeakMap<HttpRequest, Call>();

const callOf = (request: HttpRequest, operation: string): Call =>
  calls.get(request) ?? {
    operation,
    request_id: request.requestContext.requestId,
    key_id: 'none',
    trace_id: traceIdOf(request.headers['traceparent']),
    startedAt: performance.now(),
  };

/**
 * Logs and measures each request.
 * @param name for requests that belong to no single operation
 */
export function observe(name = 'unknown'): MiddlewareObj<HttpRequest> {
  return {
    before({ event, context }) {
      calls.set(event, callOf(event, name));
      logger.resetKeys();
      logger.addContext(context);
      logger.appendKeys({ request_id: event.requestContext.requestId });
    },
    after({ event }) {
      measure(callOf(event, name));
    },
    onError({ event, error }) {
      measureRefusal(callOf(event, name), error ?? 'unknown');
    },
  };
}

/** Adds facts found while a request is handled. */
export function note(
  request: HttpRequest,
  facts: Partial<Pick<Call, 'operation' | 'key_id' | 'trace_id' | 'task_id'>>,
): void {
  const call = calls.get(request);
  if (call) calls.set(request, { ...call, ...facts });
}

/** The maximum length of a task id. */
const maxTaskIdLength = 64;

/** The task that an input or output is about. An input may contain anything. */
export function taskIdIn(fields: unknown): string | undefined {
  const { task_id: id } = (fields ?? {}) as { task_id?: unknown };
  return typeof id === 'string' ? id.slice(0, maxTaskIdLength) : undefined;
}

/**
 * Counts a refused call by its code, logs the error unless the caller caused it, and measures the call like any other.
 */
export function measureRefusal({ startedAt, ...facts }: Call, error: unknown): void {
  const { code } = refusalOf(error);
  const cause = error as Error;
  if (code === 'internal') logger.error('Request failed', { ...facts, error: cause });
  if (code === 'unavailable') logger.warn('AWS service did not respond', { ...facts, error: cause });
  writeMetric(metrics.refusals, code, 'Count', 1);
  measure({ startedAt, ...facts }, code);
}

/** One line: the duration by operation (the sample count of the durations is the number of calls). */
export function measure({ operation, startedAt, ...call }: Call, outcome: Code | 'done' = 'done'): void {
  const ms = Math.round(performance.now() - startedAt);
  writeMetric(metrics.duration, operation, 'Milliseconds', ms, { ...call, outcome });
}
