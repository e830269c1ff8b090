import { times } from './settings.ts';

/** When an offer token was made, in milliseconds since 1970. */
export const madeAt = (token: string) => Number.parseInt(token, 36);

/** The timeout of an offer's task in milliseconds; undefined if the token does not contain it. */
export function timeoutOf(token: string): number | undefined {
  const seconds = Number.parseInt(token.split('.')[2] ?? '', 36);
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}

/** The agent may have withdrawn an offer that is too old; such an offer must no longer win a task. */
export const isTakeable = (token: string, now: number) => now - madeAt(token) <= times.offerMs;

/** Whether an offer may be missing from the inbox: a leaving agent keeps no older one that has won no task. */
export const mayBeRemoved = (token: string, now: number) => now - madeAt(token) > times.unmatchedOfferMs;

/** Whether an offer is left over from a process that died, provided that its task does not carry it. */
export const isAbandoned = (token: string, now: number) => now - madeAt(token) > times.abandonedOfferMs;
