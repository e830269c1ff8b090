/** The totals at one moment. */
export interface Sample {
  at: number;
  completed: number;
  failed: number;
}

export interface FlowMinute {
  /** When the minute begins. */
  at: number;
  completed: number;
  failed: number;
}

const minuteMs = 60_000;
/** How many minutes are shown. */
export const flowMinutes = 60;
/** Samples closer than this, in milliseconds, replace the one before: an hour of them stays small. */
const spacingMs = 10_000;

/** Adds a sample, keeping those of the last hour. Totals that shrink belong to another deployment: what came before is dropped. */
export function withSample(samples: readonly Sample[], next: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && (next.completed < last.completed || next.failed < last.failed)) return [next];
  const kept = samples.filter(({ at }) => at > next.at - (flowMinutes + 1) * minuteMs);
  const [before, newest] = kept.slice(-2);
  const replaces = before && newest && newest.at - before.at < spacingMs;
  return [...(replaces ? kept.slice(0, -1) : kept), next];
}

/** What ended in each of the last minutes: the differences between samples, spread over the minutes between them. */
export function flowOf(samples: readonly Sample[], now: number): FlowMinute[] {
  const current = Math.floor(now / minuteMs);
  const minutes = Array.from({ length: flowMinutes }, (_, n) => ({
    at: (current - flowMinutes + 1 + n) * minuteMs,
    completed: 0,
    failed: 0,
  }));
  const first = current - flowMinutes + 1;
  samples.slice(1).forEach((sample, n) => {
    const before = samples[n] ?? sample;
    const [from, to] = [Math.floor(before.at / minuteMs), Math.floor(sample.at / minuteMs)];
    // After a pause, as of a hidden tab, nobody knows when: all minutes of it share.
    const shared = Math.max(1, to - from);
    for (let minute = shared === 1 ? to : from + 1; minute <= to; minute += 1) {
      const shown = minutes[minute - first];
      if (!shown) continue;
      shown.completed += (sample.completed - before.completed) / shared;
      shown.failed += (sample.failed - before.failed) / shared;
    }
  });
  return minutes;
}

/** A round number at or above the largest value, for the top of a scale. */
export function scaleTop(largest: number): number {
  if (largest <= 4) return 4;
  const magnitude = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 4, 5, 8, 10].find((one) => one * magnitude >= largest) ?? 10;
  return step * magnitude;
}
