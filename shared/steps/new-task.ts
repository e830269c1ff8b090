import { invalidInput } from '../contract/problem.ts';
import type * as contract from '../contract/tasks.ts';
import { otherPolicies, policyOf } from '../domain/dependency-policy.ts';
import { digest, hashOf } from '../domain/hash.ts';
import { payloadRoom } from '../domain/item-room.ts';
import { canonical, laneKey, requirementsIn, type Lane } from '../domain/lane.ts';
import { times } from '../domain/settings.ts';
import type { Edge } from '../domain/edge.ts';
import { bytesOf } from '../domain/shorten.ts';
import { shortTitle, titleFrom } from '../domain/title.ts';
import type { Payload, TaskDefinition } from '../domain/task.ts';
import type { Caller } from '../domain/caller.ts';
import type { WithNames } from './named-dependencies.ts';

/** A task to create, with everything that is written along with it. */
export interface TaskDraft {
  record: TaskDefinition;
  payload: Payload;
  lane: Lane;
  edges: Edge[];
}

type DraftInput = WithNames<Omit<contract.TaskInput, 'idempotency_key'>> & { idempotency_key?: string | undefined };

/**
 * Refuses a task that would reach the maximum age before its not_before.
 * @param at the path of the task in the request
 * @throws Refusal invalid_input
 */
export function requireDueInTime(
  { not_before }: Pick<DraftInput, 'not_before'>,
  now: number,
  at: PropertyKey[] = [],
): void {
  if (not_before === undefined || Date.parse(not_before) <= now + times.maxAgeMs) return;
  const days = times.maxAgeMs / (24 * 3600 * 1000);
  throw invalidInput([{ path: [...at, 'not_before'], message: `must be at most ${days} days ahead` }], {
    hint: `Tasks that have not ended after ${days} days are cancelled: create this one later.`,
  });
}

/** The tasks of one request, each in its own trace or else in that of the request. */
export const inTrace = <T extends Pick<DraftInput, 'traceparent'>>(
  tasks: readonly T[],
  traceparent: string | undefined,
): T[] => (traceparent === undefined ? [...tasks] : tasks.map((task) => ({ traceparent, ...task })));

/**
 * Builds the task that an input describes. Its dependencies are already ids; duplicates count once. The trace is not
 * part of the body hash, because a repeated request has a different one.
 */
export function draftTask(input: DraftInput, id: string, now: number, graphId?: string): TaskDraft {
  const { idempotency_key: idempotencyKey, traceparent, ...body } = input;
  const dependencies = [...new Set(input.dependencies)];
  const others = otherPolicies(dependencies, new Map(Object.entries(input.dependency_policies ?? {})));
  const lane = {
    key: laneKey(input.requirements),
    routing: input.routing,
    requirements: canonical(input.requirements),
  };
  const definition: TaskDefinition = {
    id,
    type: input.task_type,
    priority: input.priority,
    lane: lane.key,
    routing: input.routing,
    policy: input.on_dependency_failure,
    timeoutMs: input.timeout_seconds * 1000,
    maxAttempts: input.max_attempts,
    createdAt: now,
    bodyHash: hashOf({ ...body, requirements: lane.requirements }),
    need: dependencies.length,
    ...(others && { otherPolicies: others }),
    ...(input.not_before !== undefined && { notBefore: Date.parse(input.not_before) }),
    ...(graphId !== undefined && { graphId }),
  };
  const title = input.title && shortTitle(input.title, definition);
  const payload: Payload = {
    content: input.content,
    dependencies,
    ...(input.title !== undefined && input.title !== title && { title: input.title }),
    ...(input.metadata && { metadata: input.metadata }),
    ...(requirementsIn(lane.key) === undefined && { requirements: lane.requirements }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(traceparent !== undefined && { traceparent }),
  };
  const record = withPayload({ ...definition, ...(title !== undefined && { title }) }, payload);
  return { record, payload, lane, edges: edgesOf(record, dependencies) };
}

/** Stores the payload inline if there is room; otherwise the task gets a title from it. */
function withPayload(task: TaskDefinition, payload: Payload): TaskDefinition {
  if (bytesOf(JSON.stringify(payload)) <= payloadRoom(task)) return { ...task, payload };
  const title = task.title ?? shortTitle(titleFrom(payload.content) ?? task.type, task);
  return { ...task, title, payloadKb: kilobytesInResponse(payload) };
}

/** The response is JSON inside the JSON that a function returns. */
const kilobytesInResponse = (payload: Payload) =>
  Math.ceil(Buffer.byteLength(JSON.stringify(JSON.stringify(payload))) / 1024);

const edgesOf = (child: TaskDefinition, dependencies: readonly string[]): Edge[] =>
  dependencies.map((parentId, ordinal) => ({
    parentId,
    childId: child.id,
    childHash: child.bodyHash,
    ordinal,
    need: child.need,
    policy: policyOf(child, ordinal),
    lane: child.lane,
    routing: child.routing,
    priority: child.priority,
    timeoutMs: child.timeoutMs,
    ...(child.payloadKb !== undefined && { payloadKb: child.payloadKb }),
    ...(child.notBefore !== undefined && { notBefore: child.notBefore }),
  }));

/**
 * Derives the id from the caller and what identifies the request, so that a repeated request meets its own first
 * attempt.
 */
export const idFrom = (caller: Caller, ...parts: readonly string[]) =>
  digest(JSON.stringify([caller.keyId, ...parts]))
    .replaceAll(/[-_]/g, 'x')
    .slice(0, 26);
