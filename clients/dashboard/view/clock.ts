/** What one answer says of the server's clock. */
export interface TimedAnswer {
  /** The header Date, which names a whole second. */
  date: string | null;
  /** By the reader's clock, in epoch milliseconds. */
  sentAt: number;
  receivedAt: number;
}

/**
 * How far the server's clock is ahead of the reader's, in milliseconds: what was believed before, changed no more than the answer
 * asks for. As long as both clocks may agree, nothing changes, so that times do not jump with each answer.
 */
export function offsetAfter(before: number, { date, sentAt, receivedAt }: TimedAnswer): number {
  const second = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(second)) return before;
  return Math.max(second - receivedAt, Math.min(second + 1_000 - sentAt, before));
}
