import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { Code } from '#shared/contract/problem.ts';
import type { AuthorizedRequest } from '../http/http-request.ts';
import { metrics } from '#shared/schema.ts';
import { refusalOf } from '../http/refusal.ts';
import { logger } from './logger.ts';

const emitter = new Metrics();

/** What may be said about a call: no contents, results or keys. */
export interface Call {
  operation: string;
  request_id: string;
  key_id: string;
  /** By performance.now(). */
  startedAt: number;
}

/**
 * Logs and measures each request.
 * @param name of requests that are for no one operation
 */
export function observe(name = 'unknown'): MiddlewareObj<AuthorizedRequest> {
  let startedAt = 0;
  const callOf = ({ operation, caller, requestContext }: Seen) => ({
    operation: operation?.name ?? name,
    request_id: requestContext.requestId,
    key_id: caller?.keyId ?? 'none',
    startedAt,
  });
  return {
    before({ event, context }) {
      startedAt = performance.now();
      logger.resetKeys();
      logger.addContext(context);
      logger.appendKeys({ request_id: event.requestContext.requestId });
    },
    after({ event }) {
      measure(callOf(event));
    },
    onError({ event, error }) {
      measureRefusal(callOf(event), error ?? 'unknown');
    },
  };
}

type Seen = Partial<AuthorizedRequest> & Pick<AuthorizedRequest, 'requestContext'>;

/** Counts a refused call by its code, logs the error when it is none of the caller's, and measures it as any other. */
export function measureRefusal({ startedAt, ...facts }: Call, error: unknown): void {
  const { code } = refusalOf(error);
  const cause = error as Error;
  if (code === 'internal') logger.error('Request failed', { ...facts, error: cause });
  if (code === 'unavailable') logger.warn('AWS service did not respond', { ...facts, error: cause });
  const refusals = emitter.singleMetric();
  refusals.addDimension(metrics.refusals.dimension, code);
  refusals.addMetric(metrics.refusals.name, MetricUnit.Count, 1);
  measure({ startedAt, ...facts }, code);
}

/** One line: the duration by operation (the count of the durations is the count of the calls). */
export function measure({ operation, startedAt, ...call }: Call, outcome: Code | 'done' = 'done'): void {
  const facts = { ...call, outcome };
  emitter.addDimension(metrics.duration.dimension, operation);
  emitter.addMetric(metrics.duration.name, MetricUnit.Milliseconds, performance.now() - startedAt);
  for (const [name, fact] of Object.entries(facts)) emitter.addMetadata(name, fact);
  emitter.publishStoredMetrics();
}
