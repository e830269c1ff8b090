import { offsetAfter } from '../view/clock.ts';

let offset = 0;

/** The time by the server's clock, like all times shown: the browser's clock may be wrong by minutes. */
export const serverNow = () => byServerClock(Date.now());

/** Converts a time of this browser's clock. */
export const byServerClock = (at: number) => at + offset;

/** A fetch that learns the server's time from each response. */
export const timedFetch: typeof fetch = async (input, init) => {
  const sentAt = Date.now();
  const response = await fetch(input, init);
  offset = offsetAfter(offset, { date: response.headers.get('date'), sentAt, receivedAt: Date.now() });
  return response;
};
