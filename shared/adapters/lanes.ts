import { inBatches } from '../batches.ts';
import type { Capabilities } from '../domain/agent.ts';
import { requirementsIn, type Lane } from '../domain/lane.ts';
import type { ActiveLane, Clock, Lanes, Turn } from '../ports.ts';
import {
  activeLanes,
  activeLanesVisitKey,
  laneDirectory,
  lanePartition,
  laneSort,
  lanesVisitKey,
  laneVersionKey,
} from './item-keys.ts';
import { toLane } from './item-readers.ts';
import type { LaneRegistrations } from './lane-registrations.ts';
import type { Table } from './table.ts';
import { Visit } from './visit.ts';

const lanesKnownForMs = 10_000;
/**
 * Lanes are read again after this long even if the version is unchanged: lanes that become dormant do not change it.
 */
const readAgainAfterMs = 300_000;
/** An agent with many capabilities can serve lanes from as many partitions. */
const partitionsAtOnce = 10;
const routings = ['auto', 'manual'] as const;
/** A sweep visits at least this many registrations, and all of them within an hour. */
const registrationsPerSweep = 100;
const sweepsPerRound = 55;

/** The port Lanes on the agents table, with a cache of what this process recently read or wrote. */
export class DynamoDbLanes implements Lanes {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #registrations: LaneRegistrations;
  readonly #activeVisit: Visit;
  readonly #visit: Visit;
  readonly #known = new Map<string, { lanes: Lane[]; version: number; at: number; readAt: number }>();
  readonly #requirementsOf = new Map<string, string[]>();

  constructor(table: Table, clock: Clock, registrations: LaneRegistrations) {
    this.#table = table;
    this.#clock = clock;
    this.#registrations = registrations;
    this.#activeVisit = new Visit(table, activeLanes, activeLanesVisitKey);
    this.#visit = new Visit(table, laneDirectory, lanesVisitKey);
  }

  register(lane: Lane): Promise<Lane[] | undefined> {
    return this.#registrations.register(lane);
  }

  use(lane: Pick<Lane, 'key' | 'routing'>): Promise<void> {
    return this.#registrations.use(lane);
  }

  retire(lane: Lane): Promise<void> {
    return this.#registrations.retire(lane);
  }

  async nextActive(limit: number): Promise<Turn<ActiveLane>> {
    const page = await this.#activeVisit.next(limit);
    return { ...page, items: page.items.map((item) => ({ ...toLane(item), usedAt: Number(item['usedAt']) })) };
  }

  async nextInactive(): Promise<Lane[]> {
    const page = await this.#visit.next(registrationsPerSweep, sweepsPerRound);
    await page.advance();
    const lanes = page.items.filter((item) => item['sk'] !== laneVersionKey.sk);
    return lanes.filter((item) => item['dormantSince'] !== undefined || item['usedAt'] === undefined).map(toLane);
  }

  async someActive(limit: number): Promise<Lane[]> {
    return (await this.#table.page(activeLanes, { consistent: false, limit })).items.map(toLane);
  }

  all(): Promise<Lane[]> {
    return this.#lanesIn([activeLanes], true);
  }

  async servable(capabilities: Capabilities, { fresh = false } = {}): Promise<Lane[]> {
    const partitions = ['*', ...Object.keys(capabilities)].map(lanePartition);
    const lanes = await this.#lanesIn(partitions, fresh);
    return lanes.filter((lane) => lane.requirements.every((name) => Object.hasOwn(capabilities, name)));
  }

  async requirements(keys: readonly string[]): Promise<Map<string, string[]>> {
    const isKnown = (key: string) => requirementsIn(key) !== undefined || this.#requirementsOf.has(key);
    const rows = [...new Set(keys)].flatMap((key) =>
      isKnown(key) ? [] : routings.map((routing) => ({ pk: laneDirectory, sk: laneSort({ key, routing }) })),
    );
    for (const item of await this.#table.getMany(rows, true)) {
      const lane = toLane(item);
      this.#requirementsOf.set(lane.key, lane.requirements);
    }
    return new Map(keys.map((key) => [key, requirementsIn(key) ?? this.#requirementsOf.get(key) ?? []]));
  }

  /** The active lanes in partitions; `fresh`: including every lane activated before this call. */
  async #lanesIn(partitions: readonly string[], fresh: boolean): Promise<Lane[]> {
    const now = this.#clock.now();
    const isWithin = (from: number, ms: number) => from <= now && now - from < ms;
    const known = (partition: string) => {
      const entry = this.#known.get(partition);
      return entry && isWithin(entry.readAt, readAgainAfterMs) ? entry : undefined;
    };
    const isRecent = (partition: string) => isWithin(known(partition)?.at ?? -Infinity, lanesKnownForMs);
    const version = !fresh && partitions.every(isRecent) ? undefined : await this.#version();
    const loaded = await inBatches(partitions, partitionsAtOnce, async (partition) => {
      const entry = known(partition);
      if (!entry || (version !== undefined && entry.version !== version)) return this.#load(partition, version ?? 0);
      if (version !== undefined) entry.at = now;
      return entry.lanes;
    });
    return loaded.flat();
  }

  async #version(): Promise<number> {
    const item = await this.#table.get(laneVersionKey);
    return Number(item?.['version'] ?? 0);
  }

  async #load(partition: string, version: number): Promise<Lane[]> {
    const now = this.#clock.now();
    const lanes = (await this.#table.all(partition, { consistent: true })).map(toLane);
    this.#known.set(partition, { lanes, version, at: now, readAt: now });
    return lanes;
  }
}
