import { gunzipSync } from 'node:zlib';
import type { Json, Status } from '../contract/nouns.ts';
import type { AccessKeyRecord } from '../domain/access-key.ts';
import { slotsUsed, type AgentProfile, type AgentRecord, type Capabilities, type Instance } from '../domain/agent.ts';
import type { Edge } from '../domain/edge.ts';
import { emptyTally } from '../domain/graph.ts';
import type { GraphDecision } from '../domain/graph-decision.ts';
import type { Occupant } from '../domain/instance.ts';
import type { Lane } from '../domain/lane.ts';
import { noMinuteCounts, type Minute, type MinuteCounts } from '../domain/minutes.ts';
import { noCounts, type CountRule, type QueueCounters } from '../domain/statistics.ts';
import type { Payload, Report } from '../domain/task.ts';
import type { GraphHead, GraphParts, GraphRecord, ListedGraph, Member } from '../ports.ts';
import { workIndex } from '../schema.ts';
import { unpackTasks } from './graph-tasks.ts';
import { idOf, minuteOf, unwrittenGraphs } from './item-keys.ts';
import type { Item } from './task-item.ts';

/*
 * Reads the items of both tables, except tasks (task-item.ts). Only the adapters write items, so their attributes can
 * be trusted: this is the one place that casts what DynamoDB returns.
 */

/** Undefined for an agent whose item exists although it is not registered. */
export function toAgent(item: Item | undefined): AgentRecord | undefined {
  if (item?.['registeredAt'] === undefined) return undefined;
  const counts = (name: string) => (item[name] ?? {}) as Record<string, number>;
  return {
    id: idOf(String(item['pk'])),
    state: stateOf(item),
    ...(item['leavingSince'] !== undefined && { leavingSince: Number(item['leavingSince']) }),
    maximum: Number(item['maximum']),
    seenAt: Number(item['seenAt']),
    ...(item['forgottenAt'] !== undefined && { forgottenAt: Number(item['forgottenAt']) }),
    registeredAt: Number(item['registeredAt']),
    ...(item['workedAt'] !== undefined && { workedAt: Number(item['workedAt']) }),
    ...(item['inboxReadAt'] !== undefined && { inboxReadAt: Number(item['inboxReadAt']) }),
    ...(item['instance'] !== undefined && { instance: item['instance'] as Instance }),
    inbox: item['inbox'] as Record<string, string>,
    completed: Number(item['completed'] ?? 0),
    failed: Number(item['failed'] ?? 0),
    durationMs: Number(item['durationMs'] ?? 0),
    successes: counts('successes'),
    failures: counts('failures'),
    profileVersion: Number(item['profileVersion']),
  };
}

/** Also for an agent that is being registered for the first time. */
export function toOccupant(item: Item): Occupant {
  const agent = toAgent(item);
  const isLeaving = agent?.state === 'leaving';
  return {
    ...(item['instance'] !== undefined && { instance: item['instance'] as Instance }),
    seenAt: agent?.seenAt ?? 0,
    hasLeft: isLeaving || (agent?.state === 'left' && slotsUsed(agent) === 0),
  };
}

/** Two attributes, so that an agent that registers again keeps the state an operator gave it. */
function stateOf(item: Item): AgentRecord['state'] {
  if (item['leavingSince'] !== undefined) return 'leaving';
  return item['hasLeft'] === true ? 'left' : (item['state'] as 'active' | 'draining');
}

export function toProfile(item: Item): AgentProfile {
  const { metadata } = item;
  return {
    id: idOf(String(item['pk'])),
    version: Number(item['version']),
    capabilities: item['capabilities'] as Capabilities,
    ...(typeof metadata === 'string' && { metadata: JSON.parse(metadata) as Record<string, Json> }),
  };
}

export const toMember = (item: Item): Member => ({
  id: String(item['sk']).split('#')[1] ?? '',
  capabilities: item['capabilities'] as Capabilities,
  version: Number(item['version']),
});

export function toLane(item: Item): Lane {
  const name = String(item['sk']);
  const end = name.indexOf('#');
  return {
    key: name.slice(end + 1),
    routing: name.slice(0, end) as Lane['routing'],
    requirements: item['requirements'] as string[],
  };
}

export function toEdge(item: Item): Edge {
  const [, childId = '', childHash = ''] = String(item['sk']).split('#');
  return {
    parentId: idOf(String(item['pk'])),
    childId,
    childHash,
    ordinal: Number(item['ordinal']),
    need: Number(item['need']),
    policy: item['policy'] as Edge['policy'],
    lane: String(item['lane']),
    routing: item['routing'] as Edge['routing'],
    priority: item['priority'] as Edge['priority'],
    timeoutMs: Number(item['timeoutMs']),
    ...(item['payloadKb'] !== undefined && { payloadKb: Number(item['payloadKb']) }),
    ...(item['notBefore'] !== undefined && { notBefore: Number(item['notBefore']) }),
  };
}

export const toGraphHead = (item: Item): GraphHead => ({
  id: idOf(String(item['pk'])),
  bodyHash: String(item['bodyHash']),
  createdAt: Number(item['createdAt']),
  title: (item['title'] as string | undefined) ?? '',
  total: Number(item['total'] ?? 0),
  isWritten: item[workIndex.partition] !== unwrittenGraphs,
  decided: Number(item['decided'] ?? 0),
  ...(item['decision'] !== undefined && { decision: item['decision'] as GraphDecision }),
});

export function toListedGraph(item: Item): ListedGraph {
  const counts = emptyTally();
  for (const status of Object.keys(counts) as Status[]) counts[status] = Number(item[status] ?? 0);
  return { ...toGraphHead(item), counts };
}

/** @param items everything in the graph's partition */
export function toGraph(head: Item, items: readonly Item[]): GraphRecord {
  const graph = toGraphHead(head);
  return { ...graph, tasks: unpackTasks(graph, head['parts'] as GraphParts | undefined, items) };
}

export const toPayload = (item: Item) => unpacked(item) as Payload;

export const toReport = (item: Item) => unpacked(item) as Report;

const unpacked = (item: Item): unknown => JSON.parse(gunzipSync(item['body'] as Uint8Array).toString('utf8'));

export const toKeyRecord = (item: Item) => item['accessKey'] as AccessKeyRecord;

export function toCounts(item: Item): QueueCounters {
  const counts = noCounts();
  for (const name of Object.keys(counts) as (keyof QueueCounters)[]) counts[name] = Number(item[name] ?? 0);
  return counts;
}

/** The attributes of the open minute in the statistics item. */
export const minuteName = (name: string) => `minute_${name}`;
export const waitName = (bucket: number | '') => `wait_${bucket}`;

/** The open minute of the statistics, in which changes are counted now. */
export function openMinuteIn(item: Item): Minute | undefined {
  if (item['minute'] === undefined) return undefined;
  const waits = Object.keys(item).filter((name) => name.startsWith(waitName('')));
  return {
    number: Number(item['minute']),
    counts: toMinuteCounts((name) => item[minuteName(name)]),
    waits: new Map(waits.map((name) => [Number(name.slice(waitName('').length)), Number(item[name])])),
  };
}

/** A closed minute. */
export const toMinute = (item: Item): Minute => ({
  number: minuteOf(String(item['sk'])),
  counts: toMinuteCounts((name) => item[name]),
  waits: new Map(Object.entries(item['waits'] as Record<string, number>).map(([bucket, n]) => [Number(bucket), n])),
});

function toMinuteCounts(read: (name: string) => unknown): MinuteCounts {
  const counts = noMinuteCounts();
  for (const name of Object.keys(counts) as (keyof MinuteCounts)[]) counts[name] = Number(read(name) ?? 0);
  return counts;
}

/** Which tasks are in the counts and, during a recount, in those that it is building. */
export interface CountRules {
  current: CountRule;
  next: CountRule | undefined;
}

export const toCountRules = (item: Item): CountRules => ({
  current: { recount: Number(item['recount'] ?? 0), since: Number(item['recountSince'] ?? 0) },
  next:
    item['nextRecount'] === undefined
      ? undefined
      : { recount: Number(item['nextRecount']), since: Number(item['nextSince']) },
});
