import { inBatches } from '../batches.ts';
import type { Capabilities } from '../domain/agent.ts';
import { representative, requirementsIn, type Lane } from '../domain/lane.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock, Lanes } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { laneDirectory, lanePartition, laneSort, laneVersionKey } from './item-keys.ts';
import { toLane } from './item-readers.ts';
import type { Table } from './table.ts';

const registeredForMs = 24 * 3600 * 1000;
const lanesKnownForMs = 10_000;
/** An agent of many capabilities can serve lanes out of as many partitions. */
const partitionsAtOnce = 10;
const routings = ['auto', 'manual'] as const;

interface LaneItem {
  sk: string;
  requirements: readonly string[];
  [ttlAttribute]: number;
}

/** The port Lanes on the agents table, with what this process has read or written lately. */
export class DynamoDbLanes implements Lanes {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #registered = new Map<string, number>();
  readonly #known = new Map<string, { lanes: Lane[]; version: number; at: number }>();
  readonly #requirementsOf = new Map<string, string[]>();

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
  }

  async register(lane: Lane): Promise<void> {
    const now = this.#clock.now();
    const name = laneSort(lane);
    if ((this.#registered.get(name) ?? 0) > now) return;
    const expiry = now + times.maxAgeMs + this.#settings.retentionMs + registeredForMs;
    const item = { sk: name, requirements: lane.requirements, [ttlAttribute]: Math.ceil(expiry / 1000) };
    // The one who searches by capability must find it by the time that the directory says it exists.
    await this.#table.put({ Item: { pk: lanePartition(representative(lane.requirements)), ...item } });
    if (!(await this.#putIntoDirectory(item))) await this.#announce(name);
    this.#registered.set(name, this.#clock.now() + registeredForMs);
  }

  all(): Promise<Lane[]> {
    return this.#lanesIn([laneDirectory], true);
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

  /** The lanes of partitions; fresh means that every lane registered before this call is among them. */
  async #lanesIn(partitions: readonly string[], fresh: boolean): Promise<Lane[]> {
    const now = this.#clock.now();
    const usable = (partition: string) => {
      const entry = this.#known.get(partition);
      return entry && (fresh || (entry.at <= now && now - entry.at < lanesKnownForMs)) ? entry : undefined;
    };
    const current = !fresh && partitions.every(usable) ? undefined : await this.#version();
    const loaded = await inBatches(partitions, partitionsAtOnce, async (partition) => {
      const entry = usable(partition);
      const isCurrent = entry && (current === undefined || entry.version === current);
      return isCurrent ? entry.lanes : this.#load(partition, current ?? 0);
    });
    return loaded.flat();
  }

  async #version(): Promise<number> {
    const item = await this.#table.get(laneVersionKey);
    return Number(item?.['version'] ?? 0);
  }

  async #load(partition: string, version: number): Promise<Lane[]> {
    const items = await this.#table.all(partition, { consistent: true });
    const lanes = items.filter((item) => item['sk'] !== laneVersionKey.sk).map(toLane);
    this.#known.set(partition, { lanes, version, at: this.#clock.now() });
    return lanes;
  }

  /** @returns whether the lane had been announced to everybody before */
  async #putIntoDirectory({ sk, requirements, [ttlAttribute]: ttl }: LaneItem): Promise<boolean> {
    const { item } = await this.#table.update({
      Key: { pk: laneDirectory, sk },
      UpdateExpression: 'SET requirements = :requirements, #ttl = :ttl',
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':requirements': requirements, ':ttl': ttl },
      ReturnValues: 'ALL_NEW',
    });
    return item?.['announced'] === true;
  }

  /** A new version makes everybody read the lanes again; only then is it announced. Twice does no harm. */
  async #announce(sk: string): Promise<void> {
    await this.#table.update({
      Key: laneVersionKey,
      UpdateExpression: 'ADD #version :one',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':one': 1 },
    });
    await this.#table.update({
      Key: { pk: laneDirectory, sk },
      UpdateExpression: 'SET announced = :true',
      ExpressionAttributeValues: { ':true': true },
    });
  }
}
