import type { Task, TaskSummary } from '../contract/task.ts';
import { policiesById } from '../domain/dependency-policy.ts';
import { inTimeOrder } from '../domain/time-order.ts';
import { history, reasonOf } from '../domain/history.ts';
import { requirementsIn } from '../domain/lane.ts';
import { titleOfTask } from '../domain/title.ts';
import {
  executionMs,
  type CancelledTask,
  type CompletedTask,
  type Hold,
  type Payload,
  type Report,
  type TaskRecord,
} from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { instant } from './instant.ts';

/**
 * Tasks in wire format, in the same order. Reads payloads and reports that are stored separately.
 * @param known payloads by task id that the caller already has
 */
export async function presentTasks(
  { tasks }: Pick<Ports, 'tasks'>,
  records: readonly TaskRecord[],
  known: ReadonlyMap<string, Payload> = new Map(),
): Promise<Task[]> {
  const [payloads, reports] = await Promise.all([
    tasks.payloads(records.filter(({ id }) => !known.has(id))),
    tasks.reports(records),
  ]);
  return records.map((record) =>
    toTask(record, known.get(record.id) ?? payloads.get(record.id), reports.get(record.id)),
  );
}

/**
 * One task in wire format.
 * @param payload if the caller already has it
 */
export async function presentTask(ports: Pick<Ports, 'tasks'>, record: TaskRecord, payload?: Payload): Promise<Task> {
  const [presented] = await presentTasks(ports, [record], new Map(payload && [[record.id, payload]]));
  if (!presented) throw new Error('presentTasks left out a task');
  return presented;
}

/** Tasks as lists show them, in the same order. */
export async function presentSummaries(
  { lanes }: Pick<Ports, 'lanes'>,
  records: readonly TaskRecord[],
): Promise<TaskSummary[]> {
  const requirements = await lanes.requirements(records.map((record) => record.lane));
  return records.map((record) => toSummary(record, requirements.get(record.lane) ?? []));
}

/** One task as lists show it. Reads nothing that is stored separately. */
export async function presentSummary(ports: Pick<Ports, 'lanes'>, record: TaskRecord): Promise<TaskSummary> {
  return toSummary(record, await requirementsOf(ports, record));
}

/** A completed task as lists show it. */
export async function presentCompleted(ports: Pick<Ports, 'lanes'>, record: CompletedTask) {
  return toCompleted(inTimeOrder(record), await requirementsOf(ports, record));
}

const requirementsOf = async ({ lanes }: Pick<Ports, 'lanes'>, { lane }: TaskRecord) =>
  (await lanes.requirements([lane])).get(lane) ?? [];

function toTask(record: TaskRecord, payload: Payload | undefined, report: Report | undefined): Task {
  const summary = toSummary(record, requirementsIn(record.lane) ?? payload?.requirements ?? []);
  const details = {
    ...(payload?.title !== undefined && { title: payload.title }),
    content: payload?.content ?? '',
    ...presentDependencies(record, payload?.dependencies ?? []),
    ...(payload?.metadata && { metadata: payload.metadata }),
    ...(payload?.traceparent !== undefined && { traceparent: payload.traceparent }),
    ...(payload?.idempotencyKey !== undefined && { idempotency_key: payload.idempotencyKey }),
  };
  const passed = history(record).map(({ status, at, attempt, agentId, reason }) => ({
    status,
    at: instant(at),
    ...(attempt !== undefined && { attempt }),
    ...(agentId !== undefined && { agent_id: agentId }),
    ...(reason !== undefined && { reason }),
  }));
  const metrics = report?.metrics && { metrics: report.metrics };
  switch (summary.status) {
    case 'completed': {
      const result = report?.result === undefined ? {} : { result: report.result };
      return { ...summary, ...details, ...result, ...metrics, history: passed };
    }
    case 'failed':
      return { ...summary, ...details, error: report?.error ?? summary.reason, ...metrics, history: passed };
    default:
      return { ...summary, ...details, history: passed };
  }
}

/** The dependencies of a task, and the policies that differ from the task's. */
export function presentDependencies(task: Pick<TaskRecord, 'otherPolicies'>, dependencies: string[]) {
  const policies = policiesById(task, dependencies);
  return { dependencies, ...(policies && { dependency_policies: policies }) };
}

function toSummary(stored: TaskRecord, requirements: string[]): TaskSummary {
  const record = inTimeOrder(stored);
  const common = commonOf(record, requirements);
  switch (record.status) {
    case 'waiting':
      return { ...common, status: 'waiting' };
    case 'blocked':
      return { ...common, status: 'blocked', reason: reasonOf(record) };
    case 'pending':
      return {
        ...common,
        status: 'pending',
        ...(record.dueAt !== undefined && { not_before: instant(record.dueAt) }),
        ready_at: instant(record.readyAt),
      };
    case 'assigned':
      return { ...common, status: 'assigned', ...holdOfTask(record), lease_expires_at: instant(record.leaseUntil) };
    case 'running':
      return {
        ...common,
        status: 'running',
        ...holdOfTask(record),
        started_at: instant(record.startedAt),
        lease_expires_at: instant(record.leaseUntil),
        ...(record.progress && { progress: record.progress }),
      };
    case 'completed':
      return toCompleted(record, requirements);
    case 'failed':
      return {
        ...common,
        status: 'failed',
        ...holdOfTask(record),
        ...(record.startedAt !== undefined && { started_at: instant(record.startedAt) }),
        ended_at: instant(record.endedAt),
        reason: reasonOf(record),
      };
    case 'cancelled':
      return {
        ...common,
        status: 'cancelled',
        ...lastHold(record),
        ended_at: instant(record.endedAt),
        reason: reasonOf(record),
      };
  }
}

const toCompleted = (record: CompletedTask, requirements: string[]) => ({
  ...commonOf(record, requirements),
  status: 'completed' as const,
  ...holdOfTask(record),
  started_at: instant(record.startedAt),
  ended_at: instant(record.endedAt),
  completed_at: instant(record.endedAt),
  execution_duration_ms: executionMs(record),
});

/** The fields of a task in every state. */
const commonOf = (record: TaskRecord, requirements: string[]) => ({
  task_id: record.id,
  title: titleOfTask(record),
  task_type: record.type,
  status: record.status,
  priority: record.priority,
  requirements,
  routing: record.routing,
  assigned_to: null,
  attempt: record.attempt,
  retry_count: record.retryCount,
  max_attempts: record.maxAttempts,
  timeout_seconds: record.timeoutMs / 1000,
  on_dependency_failure: record.policy,
  ...(record.notBefore !== undefined && { not_before: instant(record.notBefore) }),
  created_at: instant(record.createdAt),
  ...(record.graphId !== undefined && { graph_id: record.graphId }),
});

const holdOfTask = ({ agentId, readyAt, assignedAt }: Pick<Hold, 'agentId' | 'assignedAt'> & { readyAt: number }) => ({
  assigned_to: agentId,
  ready_at: instant(readyAt),
  assigned_at: instant(assignedAt),
});

/** Who held a cancelled task, if anyone. */
const lastHold = ({ agentId, readyAt, assignedAt, startedAt }: CancelledTask) => ({
  assigned_to: agentId ?? null,
  ...(readyAt !== undefined && { ready_at: instant(readyAt) }),
  ...(assignedAt !== undefined && { assigned_at: instant(assignedAt) }),
  ...(startedAt !== undefined && { started_at: instant(startedAt) }),
});
