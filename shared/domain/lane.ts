import type { Priority, Routing } from '../contract/nouns.ts';
import { digest } from './hash.ts';
import { times, type Settings } from './settings.ts';

/** Ready tasks with the same requirements and routing wait in one lane. */
export interface Lane {
  /** The canonical requirement set. */
  key: string;
  routing: Routing;
  requirements: string[];
}

/** Tells lanes apart. */
export const laneName = ({ key, routing }: Pick<Lane, 'key' | 'routing'>) => `${routing} ${key}`;

const maxLaneKeyLength = 64;

/** Sorted and without duplicates, so that the same requirements always make the same lane. */
export const canonical = (requirements: readonly string[]) => [...new Set(requirements)].sort();

/** The key of a requirement set: the names themselves, or a hash where they are long. No name holds `|` or `=`. */
export function laneKey(requirements: readonly string[]): string {
  const names = canonical(requirements).join('|');
  return names.length <= maxLaneKeyLength ? names : `=${digest(names).slice(0, 22)}`;
}

/** The requirements that a lane's key names; undefined where it is a hash. */
export function requirementsIn(key: string): string[] | undefined {
  if (key.startsWith('=')) return undefined;
  return key === '' ? [] : key.split('|');
}

/** The one capability under which a lane is registered: every agent that can serve the lane has it. `*` for no requirements. */
export const representative = (requirements: readonly string[]) => canonical(requirements)[0] ?? '*';

const base36 = (number: number, length: number) => Math.floor(number).toString(36).padStart(length, '0');

/** A time as nine characters that sort like the time. */
export const sortable = (time: number) => base36(Math.max(0, time), 9);

/**
 * Where a task stands in its lane: by virtual deadline (the time it became ready plus the allowance of its priority),
 * critical before everything else. High goes first, and low never starves.
 */
export function laneOrder(priority: Priority, readyAt: number, allowanceMs: Settings['allowanceMs']): string {
  return priority === 'critical' ? `0${sortable(readyAt)}` : `1${sortable(readyAt + allowanceMs[priority])}`;
}

/**
 * Where a dependent stands that a completion makes ready now, beside what waits in lanes: before what has come in the last seconds, which
 * has its own way to an agent. To let that go first would cost the dependent its way through a lane, three write units.
 */
export const releasedOrder = (priority: Priority, now: number, allowanceMs: Settings['allowanceMs']): string =>
  laneOrder(priority, now - times.routedWithinMs, allowanceMs);
