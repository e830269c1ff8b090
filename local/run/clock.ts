const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Parses a duration such as `250ms`, `30s`, `6m`, `2h` or `1d` to milliseconds; a number already is in milliseconds.
 */
export function milliseconds(duration: string | number): number {
  if (typeof duration === 'number') return duration;
  const [, amount, name] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? [];
  if (amount === undefined)
    throw new RangeError(`"${duration}" is not a duration: use for example 250ms, 30s, 6m, 2h or 1d`);
  return Number(amount) * unit[name as keyof typeof unit];
}

/**
 * The time that functions see: real time plus an offset that only grows. The offset is in shared memory, so that a move
 * reaches every worker at once.
 */
export class MovableClock {
  readonly offset = new BigInt64Array(new SharedArrayBuffer(8));

  /** @param now epoch milliseconds at which the clock starts; real time by default */
  constructor(now = Date.now()) {
    Atomics.store(this.offset, 0, BigInt(Math.round(now - Date.now())));
  }

  now(): number {
    return this.fromReal(Date.now());
  }

  /** What this clock would have shown at a moment of real time with its current offset, both in epoch milliseconds. */
  fromReal(time: number): number {
    return time + Number(Atomics.load(this.offset, 0));
  }

  move(by: number): void {
    Atomics.add(this.offset, 0, BigInt(Math.round(by)));
  }
}
