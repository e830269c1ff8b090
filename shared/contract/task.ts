import * as z from 'zod';
import { lazy } from './lazy.ts';
import * as nouns from './nouns.ts';

const { AgentId, Instant, Name, Status, TaskId, TaskType } = nouns;

/** The fields of a task in every state. */
const common = lazy(() => ({
  task_id: TaskId(),
  title: z.string().meta({ description: 'As given, or the first line of content; shortened in lists' }),
  task_type: TaskType(),
  priority: nouns.Priority(),
  requirements: z.array(nouns.Capability()),
  routing: nouns.Routing(),
  attempt: z.int(),
  retry_count: z.int(),
  max_attempts: z.int(),
  timeout_seconds: z.int(),
  on_dependency_failure: nouns.DependencyPolicy(),
  not_before: Instant().optional(),
  created_at: Instant(),
  graph_id: Name().optional(),
}));

const holder = lazy(() =>
  AgentId().meta({ description: 'The agent that holds it, or held it when it ended; null if none' }),
);
const reason = lazy(() => z.string().meta({ description: 'Why it failed, was cancelled or is blocked, in short' }));
const endedAt = lazy(() => Instant().meta({ description: 'When it was completed, failed or was cancelled' }));
const unassigned = lazy(() => ({ assigned_to: z.null() }));
const held = lazy(() => ({ assigned_to: holder(), ready_at: Instant(), assigned_at: Instant() }));

const TaskProgress = lazy(() =>
  z.object({ percent: z.number().optional(), message: z.string().optional() }).meta({ id: 'TaskProgress' }),
);

/** The fields that only tasks in one state have. */
const fieldsOf = lazy(() => ({
  waiting: { ...unassigned(), status: z.literal('waiting') },
  pending: { ...unassigned(), status: z.literal('pending'), ready_at: Instant() },
  assigned: { ...held(), status: z.literal('assigned'), lease_expires_at: Instant() },
  running: {
    ...held(),
    status: z.literal('running'),
    started_at: Instant(),
    lease_expires_at: Instant(),
    progress: TaskProgress().optional(),
  },
  completed: {
    ...held(),
    status: z.literal('completed'),
    started_at: Instant(),
    ended_at: endedAt(),
    completed_at: Instant(),
    execution_duration_ms: z.number(),
  },
  failed: {
    ...held(),
    status: z.literal('failed'),
    started_at: Instant().optional(),
    ended_at: endedAt(),
    reason: reason(),
  },
  blocked: { ...unassigned(), status: z.literal('blocked'), reason: reason() },
  cancelled: {
    status: z.literal('cancelled'),
    assigned_to: holder().nullable(),
    ready_at: Instant().optional(),
    assigned_at: Instant().optional(),
    started_at: Instant().optional(),
    ended_at: endedAt(),
    reason: reason(),
  },
}));

/**
 * A task as lists show it: a union by status, which readers can narrow. In JSON Schema it is a single object with the
 * fields of all states: see openapi-schemas.ts.
 */
export const TaskSummary = lazy(() =>
  z
    .discriminatedUnion('status', [
      z.object({ ...common(), ...fieldsOf().waiting }),
      z.object({ ...common(), ...fieldsOf().pending }),
      z.object({ ...common(), ...fieldsOf().assigned }),
      z.object({ ...common(), ...fieldsOf().running }),
      z.object({ ...common(), ...fieldsOf().completed }),
      z.object({ ...common(), ...fieldsOf().failed }),
      z.object({ ...common(), ...fieldsOf().blocked }),
      z.object({ ...common(), ...fieldsOf().cancelled }),
    ])
    .meta({ id: 'TaskSummary' }),
);
export type TaskSummary = z.infer<ReturnType<typeof TaskSummary>>;

/** A completed task as lists show it. */
export const CompletedSummary = lazy(() => z.object({ ...common(), ...fieldsOf().completed }));

export const dependencyFields = lazy(() => ({
  dependencies: z.array(TaskId()),
  dependency_policies: z
    .record(TaskId(), nouns.DependencyPolicy())
    .optional()
    .meta({ description: 'For dependencies whose policy is not on_dependency_failure' }),
}));
const payloadFields = lazy(() => ({
  content: z.string(),
  ...dependencyFields(),
  metadata: z.record(z.string(), nouns.Json()).optional(),
  traceparent: z.string().optional().meta({ description: 'W3C trace context in which it was created' }),
  idempotency_key: z.string().optional(),
}));
const HistoryEntry = lazy(() =>
  z
    .object({
      status: Status(),
      at: Instant(),
      attempt: z.int().optional(),
      agent_id: AgentId().optional(),
      reason: z.string().optional(),
    })
    .meta({ id: 'HistoryEntry' }),
);
const details = lazy(() => ({ ...payloadFields(), history: z.array(HistoryEntry()) }));
const metricsField = lazy(() => z.record(z.string(), nouns.Json()).optional());

/** A task with all of its fields: a union by status, like its summary. */
export const Task = lazy(() =>
  z
    .discriminatedUnion('status', [
      z.object({ ...common(), ...fieldsOf().waiting, ...details() }),
      z.object({ ...common(), ...fieldsOf().pending, ...details() }),
      z.object({ ...common(), ...fieldsOf().assigned, ...details() }),
      z.object({ ...common(), ...fieldsOf().running, ...details() }),
      z.object({
        ...common(),
        ...fieldsOf().completed,
        ...details(),
        result: nouns.Json().optional(),
        metrics: metricsField(),
      }),
      z.object({ ...common(), ...fieldsOf().failed, ...details(), error: z.string(), metrics: metricsField() }),
      z.object({ ...common(), ...fieldsOf().blocked, ...details() }),
      z.object({ ...common(), ...fieldsOf().cancelled, ...details() }),
    ])
    .meta({ id: 'Task' }),
);
export type Task = z.infer<ReturnType<typeof Task>>;

/** A pending or held task as poll_tasks shows it. */
export const QueuedTask = lazy(() =>
  z.discriminatedUnion('status', [
    z.object({ ...common(), ...fieldsOf().pending, ...payloadFields() }),
    z.object({ ...common(), ...fieldsOf().assigned, ...payloadFields() }),
    z.object({ ...common(), ...fieldsOf().running, ...payloadFields() }),
  ]),
);

export const HoldToken = lazy(() => z.string().min(1).max(64));

const DependencyResult = lazy(() =>
  z
    .object({ status: Status(), result: nouns.Json().optional(), error: z.string().optional() })
    .meta({ id: 'DependencyResult' }),
);

const context = lazy(() => ({
  hold: HoldToken().meta({ description: 'Send it back in `holding` with the next claims' }),
  dependency_results: z.record(TaskId(), DependencyResult()).meta({ description: 'Outcomes of the dependencies' }),
  omitted: z.array(TaskId()).optional().meta({ description: 'Dependencies whose results were too large to include' }),
}));

/** A task as its agent receives it, with everything needed to begin. */
export const ClaimedTask = lazy(() =>
  z
    .discriminatedUnion('status', [
      z.object({ ...common(), ...fieldsOf().assigned, ...details(), ...context() }),
      z.object({ ...common(), ...fieldsOf().running, ...details(), ...context() }),
    ])
    .meta({ id: 'ClaimedTask' }),
);
export type ClaimedTask = z.infer<ReturnType<typeof ClaimedTask>>;

/** A task in one of the given states. */
export type TaskWith<S extends nouns.Status> = Extract<Task, { status: S }>;

/** Whether a task is in one of these states, and so has their fields. */
export const isOneOf = <S extends nouns.Status>(task: Task, statuses: readonly S[]): task is TaskWith<S> =>
  statuses.some((status) => status === task.status);
