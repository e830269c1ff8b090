import { randomBytes, randomInt } from 'node:crypto';
import { ulid } from 'ulid';
import type { Clock, Random } from '../ports.ts';

/** The port Random. */
export const chance = (clock: Clock): Random => ({
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
  taskId: () => ulid(clock.now()),
  token: () => `${clock.now().toString(36)}.${randomBytes(6).toString('base64url')}`,
});
