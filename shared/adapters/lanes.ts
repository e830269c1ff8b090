import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { inBatches } from '../batches.ts';
import type { Capabilities } from '../domain/agent.ts';
import { representative, requirementsIn, type Lane } from '../domain/lane.ts';
import { times, type Settings } from '../domain/settings.ts';
import type { Clock, Lanes } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { getItems, queryAll, type Documents } from './dynamodb.ts';
import { laneDirectory, lanePartition, laneSort, laneVersionKey } from './item-keys.ts';
import type { Item } from './task-item.ts';

const registeredForMs = 24 * 3600 * 1000;
const lanesKnownForMs = 10_000;
/** An agent of many capabilities can serve lanes out of as many partitions. */
const partitionsAtOnce = 10;

interface LaneItem {
  sk: string;
  requirements: readonly string[];
  [ttlAttribute]: number;
}

/** The port Lanes on the agents table, with what this process has read or written lately. */
export function lanesOn(client: Documents, table: string, clock: Clock, settings: Settings): Lanes {
  const registered = new Map<string, number>();
  const known = new Map<string, { lanes: Lane[]; version: number; at: number }>();
  const requirementsOf = new Map<string, string[]>();

  async function version(): Promise<number> {
    const answer = await client.send(new GetCommand({ TableName: table, Key: laneVersionKey, ConsistentRead: true }));
    return Number(answer.Item?.['version'] ?? 0);
  }

  async function load(partition: string, current: number): Promise<Lane[]> {
    const items = await queryAll(client, table, partition, true);
    const lanes = items.filter((item) => item['sk'] !== laneVersionKey.sk).map(toLane);
    known.set(partition, { lanes, version: current, at: clock.now() });
    return lanes;
  }

  /** The lanes of partitions; fresh means that every lane registered before this call is among them. */
  async function lanesIn(partitions: readonly string[], fresh: boolean): Promise<Lane[]> {
    const now = clock.now();
    const usable = (partition: string) => {
      const entry = known.get(partition);
      return entry && (fresh || (entry.at <= now && now - entry.at < lanesKnownForMs)) ? entry : undefined;
    };
    const current = !fresh && partitions.every(usable) ? undefined : await version();
    const loaded = await inBatches(partitions, partitionsAtOnce, async (partition) => {
      const entry = usable(partition);
      const isCurrent = entry && (current === undefined || entry.version === current);
      return isCurrent ? entry.lanes : load(partition, current ?? 0);
    });
    return loaded.flat();
  }

  /** @returns whether the lane had been announced to everybody before */
  async function putIntoDirectory({ sk, requirements, [ttlAttribute]: ttl }: LaneItem): Promise<boolean> {
    const { Attributes: item } = await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { pk: laneDirectory, sk },
        UpdateExpression: 'SET requirements = :requirements, #ttl = :ttl',
        ExpressionAttributeNames: { '#ttl': ttlAttribute },
        ExpressionAttributeValues: { ':requirements': requirements, ':ttl': ttl },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return item?.['announced'] === true;
  }

  /** A new version makes everybody read the lanes again; only then is it announced. Twice does no harm. */
  async function announce(sk: string): Promise<void> {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: laneVersionKey,
        UpdateExpression: 'ADD #version :one',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { pk: laneDirectory, sk },
        UpdateExpression: 'SET announced = :true',
        ExpressionAttributeValues: { ':true': true },
      }),
    );
  }

  return {
    async register(lane) {
      const name = laneSort(lane);
      if ((registered.get(name) ?? 0) > clock.now()) return;
      const expiry = clock.now() + times.maxAgeMs + settings.retentionMs + registeredForMs;
      const item = { sk: name, requirements: lane.requirements, [ttlAttribute]: Math.ceil(expiry / 1000) };
      // The one who searches by capability must find it by the time that the directory says it exists.
      const partition = lanePartition(representative(lane.requirements));
      await client.send(new PutCommand({ TableName: table, Item: { pk: partition, ...item } }));
      if (!(await putIntoDirectory(item))) await announce(name);
      registered.set(name, clock.now() + registeredForMs);
    },

    all: () => lanesIn([laneDirectory], true),

    async servable(capabilities: Capabilities, { fresh = false } = {}) {
      const partitions = ['*', ...Object.keys(capabilities)].map(lanePartition);
      const lanes = await lanesIn(partitions, fresh);
      return lanes.filter((lane) => lane.requirements.every((name) => Object.hasOwn(capabilities, name)));
    },

    async requirements(keys) {
      const unknown = [...new Set(keys)].filter((key) => requirementsIn(key) === undefined && !requirementsOf.has(key));
      if (unknown.length > 0) {
        const routings = ['auto', 'manual'] as const;
        const rows = unknown.flatMap((key) =>
          routings.map((routing) => ({ pk: laneDirectory, sk: laneSort({ key, routing }) })),
        );
        for (const lane of (await getItems(client, table, rows, true)).map(toLane)) {
          requirementsOf.set(lane.key, lane.requirements);
        }
      }
      return new Map(keys.map((key) => [key, requirementsIn(key) ?? requirementsOf.get(key) ?? []]));
    },
  };
}

function toLane(item: Item): Lane {
  const name = String(item['sk']);
  const end = name.indexOf('#');
  return {
    key: name.slice(end + 1),
    routing: name.slice(0, end) as Lane['routing'],
    requirements: item['requirements'] as string[],
  };
}
