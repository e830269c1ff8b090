import { representative, requirementsIn, type Lane } from '../domain/lane.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { activeLanes, laneDirectory, lanePartition, laneSort, laneVersionKey } from './item-keys.ts';
import { toLane } from './item-readers.ts';
import type { Table } from './table.ts';
import type { Item } from './task-item.ts';

/** A lane seen active is not checked again for this long, and its use is recorded at most this often. */
const usedEveryMs = 3_600_000;
/** How much longer a registration lives than any task in its lane. */
const registeredForMs = 24 * 3_600_000;
/** The maximum age of the directory that new lanes are counted by. */
const countedEveryMs = 60_000;
/** The maximum number of lanes in a refusal. */
const maxLanesNamed = 5;

const isActiveAndUnused = 'attribute_not_exists(dormantSince) AND usedAt <= :before';
const isNotUsedSince = 'usedAt <= :usedAt';

type LaneName = Pick<Lane, 'key' | 'routing'>;

/**
 * Which lanes exist, and which are active. Every lane has a registration, which outlives the tasks in it. An active
 * lane also has two index items, by which claims and sweeps find it. A lane that is empty and was not used for a day
 * becomes dormant; a process that puts a task into a lane must see it active first:
 *
 *     to use      registration: used now, active | entries | version | announced       then the task is written
 *     to retire   registration: dormant IF not used for a day | entries, IF not written since
 *
 * A process that has seen a lane active remembers it for an hour, and its task is in the index at most an hour later:
 * long before the lane could be found empty and unused for a day.
 */
export class LaneRegistrations {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #settings: Settings;
  /** When this process last saw each lane active. */
  readonly #seenActive = new Map<string, number>();
  /** Registrations in progress by lane name: many tasks may enter a lane at the same time. */
  readonly #registrations = new Map<string, Promise<Lane[] | undefined>>();
  readonly #checks = new Map<string, Promise<void>>();
  /** When each active lane was last used, by name. */
  #counted: { lanes: Map<string, Lane & { usedAt: number }>; at: number } | undefined;

  constructor(table: Table, clock: Clock, settings: Settings) {
    this.#table = table;
    this.#clock = clock;
    this.#settings = settings;
  }

  /**
   * Registers the lane of a new task.
   * @returns the least recently used lanes if there are too many to add another
   */
  register(lane: Lane): Promise<Lane[] | undefined> {
    const name = laneSort(lane);
    if (this.#isSeenActive(name)) return Promise.resolve(undefined);
    return once(this.#registrations, name, () => this.#register(lane, name));
  }

  async #register(lane: Lane, name: string): Promise<Lane[] | undefined> {
    const registration = await this.#read(name);
    if (!isActiveLane(registration)) {
      const { lanes } = await this.#directory();
      if (lanes.size >= this.#settings.maxLanes && !lanes.has(name)) return leastUsed([...lanes.values()]);
      lanes.set(name, { ...lane, usedAt: this.#clock.now() });
    }
    await this.#seeActive(lane, registration);
    return undefined;
  }

  /**
   * Ensures that the lane is active, which must precede every write that puts a task into it. Activates it if it is
   * dormant.
   */
  use(lane: LaneName): Promise<void> {
    const name = laneSort(lane);
    if (this.#isSeenActive(name)) return Promise.resolve();
    return once(this.#checks, name, () => this.#checkActive(lane, name));
  }

  /**
   * Makes an empty lane dormant, unless it was used within a day. A repeat removes what an earlier call left behind.
   */
  async retire(lane: Lane): Promise<void> {
    const now = this.#clock.now();
    const sk = laneSort(lane);
    const { item } = await this.#table.update({
      Key: { pk: laneDirectory, sk },
      UpdateExpression: 'SET dormantSince = :now REMOVE announced',
      ConditionExpression: isActiveAndUnused,
      ExpressionAttributeValues: { ':now': now, ':before': now - times.dormantAfterMs },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (item?.['dormantSince'] === undefined) return;
    await Promise.all(
      [lanePartition(representative(lane.requirements)), activeLanes].map((pk) =>
        this.#table.delete({
          Key: { pk, sk },
          ConditionExpression: isNotUsedSince,
          ExpressionAttributeValues: { ':usedAt': item['usedAt'] },
        }),
      ),
    );
  }

  async #checkActive(lane: LaneName, name: string): Promise<void> {
    const registration = await this.#read(name);
    const requirements = requirementsIn(lane.key) ?? (registration?.['requirements'] as string[] | undefined);
    if (!requirements) throw new Error(`Lane ${name} is not registered, and its key does not name what it requires.`);
    await this.#seeActive({ ...lane, requirements }, registration);
  }

  async #seeActive(lane: Lane, registration: Item | undefined): Promise<void> {
    const now = this.#clock.now();
    const isCurrent = isActiveLane(registration) && now - Number(registration?.['usedAt']) < usedEveryMs;
    if (!isCurrent) await this.#activate(lane, now);
    if (this.#seenActive.size > 10_000) this.#seenActive.clear();
    this.#seenActive.set(laneSort(lane), now);
  }

  async #activate({ requirements, ...lane }: Lane, now: number): Promise<void> {
    const sk = laneSort(lane);
    const ttl = Math.ceil((now + times.maxAgeMs + this.#settings.retentionMs + registeredForMs) / 1000);
    const { item: before } = await this.#table.update({
      Key: { pk: laneDirectory, sk },
      UpdateExpression: 'SET requirements = :requirements, usedAt = :now, #ttl = :ttl REMOVE dormantSince',
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: { ':requirements': requirements, ':now': now, ':ttl': ttl },
      ReturnValues: 'ALL_OLD',
    });
    const entry = { sk, requirements, usedAt: now, [ttlAttribute]: ttl };
    const partitions = [lanePartition(representative(requirements)), activeLanes];
    await Promise.all(partitions.map((pk) => this.#table.put({ Item: { pk, ...entry } })));
    if (before?.['announced'] !== true) await this.#announce(sk);
  }

  /** A new version makes every process read the lanes again; only then is the lane announced. Idempotent. */
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

  #isSeenActive(name: string): boolean {
    const since = this.#clock.now() - (this.#seenActive.get(name) ?? -Infinity);
    return since >= 0 && since < usedEveryMs;
  }

  #read(name: string): Promise<Item | undefined> {
    return this.#table.get({ pk: laneDirectory, sk: name });
  }

  async #directory() {
    const now = this.#clock.now();
    const known = this.#counted;
    if (known && known.at <= now && now - known.at < countedEveryMs) return known;
    const items = await this.#table.all(activeLanes, { consistent: false });
    const lanes = new Map(
      items.map((item) => [String(item['sk']), { ...toLane(item), usedAt: Number(item['usedAt']) }]),
    );
    this.#counted = { lanes, at: now };
    return this.#counted;
  }
}

/** Whether every process finds the lane: it is not dormant, and was announced after it was created or activated. */
const isActiveLane = (registration: Item | undefined) =>
  registration?.['announced'] === true && registration['dormantSince'] === undefined;

const leastUsed = (lanes: readonly (Lane & { usedAt: number })[]): Lane[] =>
  lanes.toSorted((one, other) => one.usedAt - other.usedAt).slice(0, maxLanesNamed);

/** Joins an operation already in progress for the lane. */
function once<Result>(
  underWay: Map<string, Promise<Result>>,
  name: string,
  begin: () => Promise<Result>,
): Promise<Result> {
  const work = underWay.get(name) ?? begin().finally(() => underWay.delete(name));
  underWay.set(name, work);
  return work;
}
