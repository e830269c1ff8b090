import { times } from './settings.ts';

/** When an offer token was made, in milliseconds since 1970. */
export const madeAt = (token: string) => Number.parseInt(token, 36);

/** How long the task of an offer may run, in milliseconds; undefined where the token does not say. */
export function timeoutOf(token: string): number | undefined {
  const seconds = Number.parseInt(token.split('.')[2] ?? '', 36);
  return Number.isNaN(seconds) ? undefined : seconds * 1000;
}

/** An offer that has become too old may have been withdrawn by the agent: it must not win a task any more. */
export const isTakeable = (token: string, now: number) => now - madeAt(token) <= times.offerMs;

/** An offer that whoever made it has left behind, if its task does not carry it. */
export const isAbandoned = (token: string, now: number) => now - madeAt(token) > times.abandonedOfferMs;
