/** What a response reveals about the server's clock. */
export interface TimedAnswer {
  /** The Date header, with a resolution of one second. */
  date: string | null;
  /** By the browser's clock, in epoch milliseconds. */
  sentAt: number;
  receivedAt: number;
}

/**
 * How far the server's clock is ahead of the browser's, in milliseconds: the previous estimate, changed only as far as
 * the response requires. As long as the clocks may agree, it stays, so that times do not jump with each response.
 */
export function offsetAfter(before: number, { date, sentAt, receivedAt }: TimedAnswer): number {
  const second = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(second)) return before;
  return Math.max(second - receivedAt, Math.min(second + 1_000 - sentAt, before));
}
