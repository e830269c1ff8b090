import { useQueryClient, type Query } from '@tanstack/react-query';
import { MusterError } from '#clients/sdk/muster-error.ts';
import type { OperationName } from '#clients/sdk/operation-methods.ts';
import { serverNow } from './server-clock.ts';

/** How the requests of one operation fare: one that fails alone is asked for ever more rarely too. */
interface Trouble {
  /** How many requests in a row have failed. */
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

/** What is refused is an answer: only what may succeed later is a failure of the connection. */
export const isTemporary = (error: unknown): error is MusterError => error instanceof MusterError && error.isTemporary;

/** How current the page is, as of now: as current as the oldest of the answers that it shows and cannot renew. */
export function useLastAnswer(): { updatedAt: number | undefined; problem: string | undefined } {
  const active = useQueryClient().getQueryCache().findAll({ type: 'active' });
  const [failing] = active.filter(cannotRenew).sort((a, b) => a.state.dataUpdatedAt - b.state.dataUpdatedAt);
  if (!failing) return { updatedAt: answeredAt, problem: undefined };
  const isFirst = failing.state.data === undefined;
  return {
    updatedAt: isFirst ? answeredAt : failing.state.dataUpdatedAt + serverNow() - Date.now(),
    problem: problemOf(failing.state.error),
  };
}

const cannotRenew = ({ state: { error } }: Query) => isTemporary(error);

function problemOf(error: unknown): string | undefined {
  if (!isTemporary(error)) return undefined;
  return error.code === 'no_answer' ? 'Muster does not respond' : error.detail;
}
