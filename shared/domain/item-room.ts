import { bytesOf, jsonBytesOf } from './shorten.ts';
import type { LogEntry, TaskDefinition, TaskRecord } from './task.ts';

/**
 * A write of a task is billed by the kilobyte of its whole item, so what may be left out of it gets only the room that the
 * rest leaves: the payload when the task is created, the log with each entry, a progress message with each heartbeat.
 * Sizes are those of https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html,
 * rounded up where they depend on chance. A task stays within one kilobyte as long as it has no more than about 15
 * dependencies, whose ordinals are stored in any case, as are the policies that single ones have.
 */
const itemBytes = 1024;

/** What names and numbers may take, at most: an attribute's name has two characters, a time 13 digits. */
const nameBytes = 2;
const timeBytes = nameBytes + 8;
const agentIdBytes = nameBytes + 64;
const keyBytes = 34;

/** The keys in the index of a running task, and of a completed one. */
const timerKeysBytes = 42;
const endedKeysBytes = 82;

/** What every held task has: agent, offer, who assigned it and when, its process, the token of a claim, and a mark. */
const holdBytes = agentIdBytes + 22 + 8 + 18 + 8 + 3 + timeBytes;
/** Agents that are excluded, by hash: see `exclude`. */
const exclusionsBytes = nameBytes + 3 + 5 * 15;
const runningBytes = keyBytes + timerKeysBytes + holdBytes + 3 * timeBytes + exclusionsBytes;

/** A report up to this size rides along with its task. It is stored by whoever has not read the task, so nothing less is known. */
export const inlineReportBytes = 130;
const completedBytes = keyBytes + endedKeysBytes + holdBytes + 5 * timeBytes + nameBytes + inlineReportBytes;

/** What the log may always take: the entry of an attempt that has ended, and one of a change after it. */
const leastLogBytes = 170;
/** The percentage, and a message of some words. */
const leastProgressBytes = 72;

const besideDefinition = Math.max(completedBytes, runningBytes + leastProgressBytes);

const freeBytes = (task: TaskDefinition) => itemBytes - besideDefinition - leastLogBytes - definitionBytes(task);

/** A title of so many bytes rides along with this task, which has none yet, so that lists read nothing else. */
export const titleRoom = (task: TaskDefinition) => Math.max(80, Math.min(maxTitleBytes, freeBytes(task)));
export const maxTitleBytes = 120;

/** A payload of so many bytes may ride along with this task, and no more than is worth it. */
export const payloadRoom = (task: TaskDefinition) => Math.min(300, freeBytes(task));

/** As many bytes the log of a task may take. */
export const logRoom = (task: TaskDefinition) =>
  Math.max(leastLogBytes, itemBytes - besideDefinition - definitionBytes(task));

/** As many bytes the progress of a running task may take. */
export function progressRoom(task: TaskRecord): number {
  const log = task.log.reduce((sum, entry) => sum + entryBytes(entry) + jsonBytesOf(entry.reason ?? ''), 0);
  const others = definitionBytes(task) + runningBytes + log;
  return Math.max(leastProgressBytes, itemBytes - others);
}

/** What an entry of the log takes without its reason: see `tuple` in task-item.ts. */
export const entryBytes = ({ agentId, offer = '' }: LogEntry) =>
  agentId === undefined ? 28 : 58 + agentId.length + offer.length;

/** What a task has in every state, with the ordinals of its dependencies, which in the end are all in one set. */
function definitionBytes(task: TaskDefinition): number {
  const { title = '', type, lane, graphId = '', routing, policy, otherPolicies, payload, need } = task;
  const texts = [title, type, lane, graphId, routing, policy].reduce((sum, text) => sum + nameBytes + bytesOf(text), 0);
  const ordinals = need * (1 + Math.ceil(String(need).length / 2)) + 2 * (nameBytes + 3);
  const written = [otherPolicies, payload].filter((value) => value !== undefined);
  const json = written.reduce<number>((sum, value) => sum + nameBytes + bytesOf(JSON.stringify(value)), 0);
  return alwaysBytes + texts + ordinals + json;
}
/** Priority, status, body hash, three times (one of a recount) and the numbers. */
const alwaysBytes = 10 + 11 + 24 + 3 * timeBytes + 30;
