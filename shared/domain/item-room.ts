import { bytesOf, jsonBytesOf } from './shorten.ts';
import type { LogEntry, TaskDefinition, TaskRecord } from './task.ts';

/**
 * DynamoDB bills a write by the kilobyte of the whole item. Optional parts therefore get only the room that the rest
 * leaves: the payload at creation, the log with each entry, the progress message with each heartbeat. Sizes follow
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html and are rounded up if
 * they depend on random values. A task fits in one kilobyte unless it has more than about 15 dependencies: their
 * ordinals are always stored, as are individual policies.
 */
const itemBytes = 1024;

/** Upper bounds for names and numbers: an attribute name has two characters, a time 13 digits. */
const nameBytes = 2;
const timeBytes = nameBytes + 8;
const agentIdBytes = nameBytes + 64;
const keyBytes = 34;

/** The index keys of a running task, and of a completed one. */
const timerKeysBytes = 42;
const endedKeysBytes = 82;

/** What every held task has: agent, offer, who assigned it and when, its process, a claim token and a flag. */
const holdBytes = agentIdBytes + 22 + 8 + 18 + 8 + 3 + timeBytes;
/** Excluded agents, by hash: see `exclude`. */
const exclusionsBytes = nameBytes + 3 + 5 * 15;
const runningBytes = keyBytes + timerKeysBytes + holdBytes + 3 * timeBytes + exclusionsBytes;

/**
 * Reports up to this size are stored in the task's item. A fixed limit, because a report is written without reading the
 * task.
 */
export const inlineReportBytes = 130;
const completedBytes = keyBytes + endedKeysBytes + holdBytes + 5 * timeBytes + nameBytes + inlineReportBytes;

/** The minimum room for the log: the entry of an ended attempt, and one change after it. */
const leastLogBytes = 170;
/** The percentage, and a message of a few words. */
const leastProgressBytes = 72;

const besideDefinition = Math.max(completedBytes, runningBytes + leastProgressBytes);

const freeBytes = (task: TaskDefinition) => itemBytes - besideDefinition - leastLogBytes - definitionBytes(task);

/** Bytes for a title in an item that has none yet, so that lists need no other read. */
export const titleRoom = (task: TaskDefinition) => Math.max(80, Math.min(maxTitleBytes, freeBytes(task)));
export const maxTitleBytes = 120;

/** Bytes for a payload in the item, capped at what is worthwhile. */
export const payloadRoom = (task: TaskDefinition) => Math.min(300, freeBytes(task));

/** Bytes for the log. */
export const logRoom = (task: TaskDefinition) =>
  Math.max(leastLogBytes, itemBytes - besideDefinition - definitionBytes(task));

/** Bytes for the progress of a running task. */
export function progressRoom(task: TaskRecord): number {
  const log = task.log.reduce((sum, entry) => sum + entryBytes(entry) + jsonBytesOf(entry.reason ?? ''), 0);
  const others = definitionBytes(task) + runningBytes + log;
  return Math.max(leastProgressBytes, itemBytes - others);
}

/** The size of a log entry without its reason: see `tuple` in task-item.ts. */
export const entryBytes = ({ agentId, offer = '' }: LogEntry) =>
  agentId === undefined ? 28 : 58 + agentId.length + offer.length;

/**
 * What a task has in every state, with the ordinals of its dependencies as if all were in one set, where they end up.
 */
function definitionBytes(task: TaskDefinition): number {
  const { title = '', type, lane, graphId = '', routing, policy, otherPolicies, payload, need } = task;
  const texts = [title, type, lane, graphId, routing, policy].reduce((sum, text) => sum + nameBytes + bytesOf(text), 0);
  const ordinals = need * (1 + Math.ceil(String(need).length / 2)) + 2 * (nameBytes + 3);
  const written = [otherPolicies, payload].filter((value) => value !== undefined);
  const json = written.reduce<number>((sum, value) => sum + nameBytes + bytesOf(JSON.stringify(value)), 0);
  return alwaysBytes + texts + ordinals + json;
}
/** Priority, status, body hash, three times (one from a recount) and the numbers. */
const alwaysBytes = 10 + 11 + 24 + 3 * timeBytes + 30;
