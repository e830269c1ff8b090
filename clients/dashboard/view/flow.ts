import type { OutputOf } from '#clients/sdk/operation-methods.ts';

export type FlowMinute = OutputOf<'get_queue_statistics'>['per_minute'][number];

/** The totals of all minutes, and the success rate. */
export function sumOf(minutes: readonly FlowMinute[]): { completed: number; failed: number; successRate: number } {
  const completed = minutes.reduce((sum, minute) => sum + minute.completed, 0);
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0);
  return { completed, failed, successRate: completed + failed === 0 ? 1 : completed / (completed + failed) };
}

/** A round number at or above the largest value, for the top of a scale. */
export function scaleTop(largest: number): number {
  if (largest <= 4) return 4;
  const magnitude = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].find((one) => one * magnitude >= largest) ?? 10;
  return step * magnitude;
}
