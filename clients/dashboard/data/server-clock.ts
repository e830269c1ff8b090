import { offsetAfter } from '../view/clock.ts';

let offset = 0;

/** The time by the server's clock, which all times that are shown come from: that of the reader may be wrong by minutes. */
export const serverNow = () => byServerClock(Date.now());

/** A moment of this browser's clock. */
export const byServerClock = (at: number) => at + offset;

/** A fetch that learns from each answer what time it is. */
export const timedFetch: typeof fetch = async (input, init) => {
  const sentAt = Date.now();
  const response = await fetch(input, init);
  offset = offsetAfter(offset, { date: response.headers.get('date'), sentAt, receivedAt: Date.now() });
  return response;
};
