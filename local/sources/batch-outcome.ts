import type { Outcome } from '../host/instance.ts';

/** What a function's response says about its batch. */
export interface BatchAnswer {
  /** Identifiers of the failed items, or all. */
  failed: 'all' | ReadonlySet<string>;
  /** The state that a tumbling window carries to its next invocation. */
  state: unknown;
}

/**
 * Interprets a response as Lambda does: a thrown error, a malformed list or an unknown identifier fails the whole
 * batch.
 * @param reportsItems whether the mapping has ReportBatchItemFailures; without it, only an error fails the batch
 */
export function readBatchAnswer(outcome: Outcome, identifiers: readonly string[], reportsItems: boolean): BatchAnswer {
  if ('error' in outcome) return { failed: 'all', state: undefined };
  const answer = JSON.parse(outcome.result) as { batchItemFailures?: unknown; state?: unknown } | null;
  const state = answer?.state;
  const failures = reportsItems ? (answer?.batchItemFailures ?? []) : [];
  if (!Array.isArray(failures)) return { failed: 'all', state };
  const failed = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  const known = failed.every((id): id is string => typeof id === 'string' && identifiers.includes(id));
  return { failed: known ? new Set(failed) : 'all', state };
}
