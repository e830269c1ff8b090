import { useSyncExternalStore } from 'preact/compat';
import { MusterError } from '#clients/sdk/muster-error.ts';
import { serverNow } from './server-clock.ts';

/** How the requests of this tab fare, all together: when one fails, all others wait too. */
export interface Connection {
  /** When the last answer came, by the server's clock. */
  updatedAt: number | undefined;
  /** How many requests in a row have failed. */
  failures: number;
  retryAfter: number | undefined;
  /** What the last failure said. */
  problem: string | undefined;
}

let current: Connection = { updatedAt: undefined, failures: 0, retryAfter: undefined, problem: undefined };
const listeners = new Set<() => void>();

export const connectionNow = () => current;

export const useConnection = () =>
  useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, connectionNow);

export function noteAnswer(): void {
  set({ updatedAt: serverNow(), failures: 0, retryAfter: undefined, problem: undefined });
}

/** What is refused is an answer: only what may succeed later is a failure of the connection. */
export function noteError(error: unknown): void {
  if (!(error instanceof MusterError) || !error.isTemporary) return;
  set({
    ...current,
    failures: current.failures + 1,
    retryAfter: error.retryAfter,
    problem: error.code === 'no_answer' ? 'Muster does not respond' : error.detail,
  });
}

function set(next: Connection): void {
  current = next;
  for (const listener of listeners) listener();
}
