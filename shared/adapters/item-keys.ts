import { shortKey } from '../domain/hash.ts';
import type { Lane } from '../domain/lane.ts';
import { sortable } from '../domain/lane.ts';
import type { IndexEntry } from '../domain/transition.ts';
import type { ReadyTask, TaskList } from '../ports.ts';
import { agentIndex, taskSortKey, workIndex } from '../schema.ts';

/**
 * The keys of both tables and both indexes. Names and ids contain none of `#`, `|` and `=`.
 *
 * tasks table    T#<task>      T                            the task
 *                T#<task>      P#<body hash>                its payload, if large
 *                T#<task>      R#<content hash>             a report, if large
 *                T#<task>      D#<child>#<body hash>        a dependent
 *                G#<graph>     G                            a graph
 *                G#<graph>     P#<body hash>                its tasks as submitted
 *                G#<graph>     P#<content hash>#<n>         a part of them, if they do not fit one item
 * index work     R#<lane>      <order>#<task>#<timeout>[#<kb>]  ready tasks of a lane (M#<lane>: routing=manual)
 *                T#<shard>     <time>#<task>                tasks that need attention at a time
 *                B#<shard>     <time>#<task>                tasks whose dependencies are checked at a time
 *                D#<status>#<shard>  <time>#<task>          ended tasks
 *                G             <time>#<graph>               graphs whose tasks are not all written yet
 *                GD            <time>#<graph>               graphs whose tasks do not all follow a decision yet
 * index by-agent <status>#<agent>    <time>#<task>          ended tasks of an agent (long names as hashes)
 *                G             <time>#<graph>               all graphs
 * agents table   A#<agent>     A                            the agent
 *                A#<agent>     P                            its profile
 *                A#<agent>     W#<task>                     its report on a task outside the queue
 *                C#<capability>  <hash>#<agent>             agents that have a capability (C#*: all that routing knows)
 *                A             <agent>                      directory of all agents
 *                L             <routing>#<lane>             registrations of lanes
 *                L             version                      incremented when a lane becomes active
 *                LA            <routing>#<lane>             directory of the active lanes
 *                L#<capability>  <routing>#<lane>           active lanes under a capability (L#*: no requirements)
 *                S             S                            statistics of the queue
 *                S             M#<minute>                   the counts of a closed minute
 *                S             R                            position of the recount
 *                S             V, VA, VL                    position of the visit of all agents, active lanes, lanes
 *                S             O#fleet, O#lanes             snapshots of all agents and active lanes
 *                S             P#<stream shard>             number of records of a stream shard dead-lettered this hour
 *                K             <key>                        access keys
 *                F             F                            the format of the stored data
 */
/** The number of index partitions that high-traffic lists are spread over. */
const shards = 4;
const shardOf = (id: string) => id.charCodeAt(id.length - 1) % shards;
const everyShard = Array.from({ length: shards }, (_, shard) => shard);

export const taskKey = (id: string) => ({ pk: `T#${id}`, sk: taskSortKey });
export const payloadKey = (id: string, bodyHash: string) => ({ pk: `T#${id}`, sk: `P#${bodyHash}` });
export const reportKey = (id: string, ref: string) => ({ pk: `T#${id}`, sk: `R#${ref}` });
export const edgePrefix = 'D#';
export const edgeKey = (parentId: string, childId: string, childHash: string) => ({
  pk: `T#${parentId}`,
  sk: `${edgePrefix}${childId}#${childHash}`,
});
export const graphKey = (id: string) => ({ pk: `G#${id}`, sk: 'G' });
export const graphTasksKey = (id: string, name: string, part?: number) => ({
  pk: `G#${id}`,
  sk: part === undefined ? `P#${name}` : `P#${name}#${part}`,
});
export const unwrittenGraphs = 'G';
export const decidedGraphs = 'GD';
export const allGraphs = 'G';
export const idOf = (pk: string) => pk.slice(2);

export const agentKey = (id: string) => ({ pk: `A#${id}`, sk: 'A' });
export const outsideWorkKey = (id: string, taskId: string) => ({ pk: `A#${id}`, sk: `W#${taskId}` });
export const profileKey = (id: string) => ({ pk: `A#${id}`, sk: 'P' });
export const agentDirectory = 'A';
export const memberPartition = (capability: string) => `C#${capability}`;

export const laneDirectory = 'L';
export const activeLanes = 'LA';
export const laneVersionKey = { pk: laneDirectory, sk: 'version' };
export const lanePartition = (capability: string) => `L#${capability}`;
export const laneSort = (lane: Pick<Lane, 'key' | 'routing'>) => `${lane.routing}#${lane.key}`;

export const accessKeyPartition = 'K';
export const accessKeyKey = (id: string) => ({ pk: accessKeyPartition, sk: id });

export const dataFormatKey = { pk: 'F', sk: 'F' };

export const statisticsKey = { pk: 'S', sk: 'S' };
const minutePrefix = 'M#';
export const minuteKey = (minute: number) => ({ pk: 'S', sk: `${minutePrefix}${sortable(minute)}` });
/** The minute in the sort key of a minute item. */
export const minuteOf = (sk: string) => Number.parseInt(sk.slice(minutePrefix.length), 36);
export const recountKey = { pk: 'S', sk: 'R' };
export const agentsVisitKey = { pk: 'S', sk: 'V' };
export const activeLanesVisitKey = { pk: 'S', sk: 'VA' };
export const lanesVisitKey = { pk: 'S', sk: 'VL' };
export const snapshotKey = (of: 'fleet' | 'lanes') => ({ pk: 'S', sk: `O#${of}` });
export const poisonKey = (consumer: string, shardId: string) => ({ pk: 'S', sk: `P#${consumer}#${shardId}` });

const lanePart = (lane: Pick<Lane, 'key' | 'routing'>) => `${lane.routing === 'manual' ? 'M' : 'R'}#${lane.key}`;
export const timeAndId = (time: number, id: string) => `${sortable(time)}#${id}`;

const endedOf = (status: string, agentId: string) => `${status}#${shortKey(agentId)}`;

/** The index attributes of an index entry; null ones are removed. */
export function indexKeys(id: string, entry: IndexEntry): { g: string; h: string; a: string | null } {
  switch (entry.in) {
    case 'lane': {
      const size = entry.payloadKb === undefined ? '' : `#${entry.payloadKb.toString(36)}`;
      const h = `${entry.order}#${id}#${entry.timeoutMs.toString(36)}.${entry.attempt.toString(36)}${size}`;
      return { g: lanePart({ key: entry.lane, routing: entry.routing }), h, a: null };
    }
    case 'timers':
      return { g: `T#${shardOf(id)}`, h: timeAndId(entry.at, id), a: null };
    case 'checks':
      return { g: `B#${shardOf(id)}`, h: timeAndId(entry.at, id), a: null };
    case 'ended': {
      const h = timeAndId(entry.at, id);
      const a = entry.agentId === undefined ? null : endedOf(entry.status, entry.agentId);
      return { g: `D#${entry.status}#${shardOf(id)}`, h, a };
    }
  }
}

/** The ready task in a lane's index entry. */
export function readyTask(position: string): ReadyTask {
  const [order = '', id = '', times = '', size] = position.split('#');
  const [timeout = '', attempt] = times.split('.');
  return {
    id,
    order,
    position,
    timeoutMs: Number.parseInt(timeout, 36),
    ...(attempt !== undefined && { attempt: Number.parseInt(attempt, 36) }),
    ...(size !== undefined && { payloadKb: Number.parseInt(size, 36) }),
  };
}

/** The partitions that a list is spread over, their index, and whether the newest entries come first. */
export function partitionsOf(list: TaskList) {
  switch (list.of) {
    case 'lane':
      return { index: workIndex, partitions: [lanePart(list.lane)], newestFirst: list.newestFirst ?? false };
    case 'timers':
      return { index: workIndex, partitions: everyShard.map((shard) => `T#${shard}`), newestFirst: false };
    case 'checks':
      return { index: workIndex, partitions: everyShard.map((shard) => `B#${shard}`), newestFirst: false };
    case 'ended':
      return {
        index: workIndex,
        partitions: list.statuses.flatMap((status) => everyShard.map((shard) => `D#${status}#${shard}`)),
        newestFirst: true,
      };
    case 'agent':
      return {
        index: agentIndex,
        partitions: list.statuses.map((status) => endedOf(status, list.agentId)),
        newestFirst: true,
      };
  }
}
