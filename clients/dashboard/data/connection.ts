import { useSyncExternalStore } from 'preact/compat';
import { useCallback } from 'preact/hooks';
import { useQueryClient, type Query, type QueryCache } from '@tanstack/react-query';
import { MusterError } from '#clients/sdk/muster-error.ts';
import type { OperationName } from '#clients/sdk/operation-methods.ts';
import { byServerClock, serverNow } from './server-clock.ts';

/** The failures of one operation: each operation backs off separately. */
interface Trouble {
  /** Number of consecutive failures. */
  failures: number;
  retryAfter: number | undefined;
}

const troubles = new Map<OperationName, Trouble>();
let answeredAt: number | undefined;

export const troubleOf = (name: OperationName): Trouble => troubles.get(name) ?? { failures: 0, retryAfter: undefined };

export function noteAnswer(name: OperationName): void {
  answeredAt = serverNow();
  troubles.delete(name);
}

export function noteError(name: OperationName, error: unknown): void {
  if (isTemporary(error)) {
    troubles.set(name, { failures: troubleOf(name).failures + 1, retryAfter: error.retryAfter });
  }
}

/** A refusal is a valid response: only errors that may be temporary count as connection failures. */
export const isTemporary = (error: unknown): error is MusterError => error instanceof MusterError && error.isTemporary;

/** How current the page is: as current as its oldest response that cannot be refreshed. */
export function useLastAnswer(): { updatedAt: number | undefined; problem: string | undefined } {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((changed: () => void) => cache.subscribe(changed), [cache]);
  return {
    updatedAt: useSyncExternalStore(subscribe, () => updatedAtOf(failingOf(cache))),
    problem: useSyncExternalStore(subscribe, () => problemOf(failingOf(cache)?.state.error)),
  };
}

const failingOf = (cache: QueryCache): Query | undefined =>
  cache
    .findAll({ type: 'active', predicate: cannotRenew })
    .sort((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt)[0];

/** A request that was never answered shows nothing. */
const updatedAtOf = (failing: Query | undefined) =>
  failing?.state.data === undefined ? answeredAt : byServerClock(failing.state.dataUpdatedAt);

const cannotRenew = ({ state: { error } }: Query) => isTemporary(error);

function problemOf(error: unknown): string | undefined {
  if (!isTemporary(error)) return undefined;
  return error.code === 'no_answer' ? 'Muster does not respond' : error.detail;
}
