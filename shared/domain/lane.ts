import type { Priority, Routing } from '../contract/nouns.ts';
import { digest } from './hash.ts';
import { times, type Settings } from './settings.ts';

/** Ready tasks with the same requirements and routing wait in the same lane. */
export interface Lane {
  /** The canonical requirement set. */
  key: string;
  routing: Routing;
  requirements: string[];
}

/** Identifies a lane. */
export const laneName = ({ key, routing }: Pick<Lane, 'key' | 'routing'>) => `${routing} ${key}`;

const maxLaneKeyLength = 64;

/** Sorted and without duplicates, so that equal requirements always share a lane. */
export const canonical = (requirements: readonly string[]) => [...new Set(requirements)].sort();

/** The key of a requirement set: the names themselves, or a hash if they are long. No name contains `|` or `=`. */
export function laneKey(requirements: readonly string[]): string {
  const names = canonical(requirements).join('|');
  return names.length <= maxLaneKeyLength ? names : `=${digest(names).slice(0, 22)}`;
}

/** The requirements in a lane key; undefined if it is a hash. */
export function requirementsIn(key: string): string[] | undefined {
  if (key.startsWith('=')) return undefined;
  return key === '' ? [] : key.split('|');
}

/**
 * The one capability under which a lane is registered; every agent that can serve the lane has it. `*` if there are no
 * requirements.
 */
export const representative = (requirements: readonly string[]) => canonical(requirements)[0] ?? '*';

const base36 = (number: number, length: number) => Math.floor(number).toString(36).padStart(length, '0');

/** A time as nine characters that sort chronologically. */
export const sortable = (time: number) => base36(Math.max(0, time), 9);

/**
 * A task's sort key in its lane: its virtual deadline (the time it became ready plus the allowance of its priority),
 * with critical before everything else. High goes first, and low never starves.
 */
export function laneOrder(priority: Priority, readyAt: number, allowanceMs: Settings['allowanceMs']): string {
  return priority === 'critical' ? `0${sortable(readyAt)}` : `1${sortable(readyAt + allowanceMs[priority])}`;
}

/**
 * The sort key of a dependent that a completion has just released, compared with tasks in lanes: ahead of those of the
 * last few seconds, which the router is assigning anyway. Letting those go first would send the dependent through a
 * lane, at three write units.
 */
export const releasedOrder = (priority: Priority, now: number, allowanceMs: Settings['allowanceMs']): string =>
  laneOrder(priority, now - times.routedWithinMs, allowanceMs);
