import { randomBytes, randomInt } from 'node:crypto';
import { ulid } from 'ulid';
import type { Clock, Random } from '../ports.ts';

/** The port Random, from the system's entropy. */
export class SystemRandom implements Random {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  fraction(): number {
    return randomInt(2 ** 32) / 2 ** 32;
  }

  /** The ulid package would ask the system for each of sixteen characters. */
  taskId(): string {
    const bytes = randomBytes(16).values();
    return ulid(this.#clock.now(), () => (bytes.next().value ?? 0) / 256);
  }

  token(timeoutMs?: number): string {
    const parts = [this.#clock.now().toString(36), randomBytes(6).toString('base64url')];
    return [...parts, ...(timeoutMs === undefined ? [] : [Math.floor(timeoutMs / 1000).toString(36)])].join('.');
  }

  nonce(): string {
    return randomBytes(4).toString('base64url');
  }
}
