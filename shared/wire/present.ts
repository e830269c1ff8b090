import type * as nouns from '../contract/nouns.ts';
import {
  confidenceIn,
  countOf,
  isStale,
  slotsUsed,
  successRate,
  type AgentProfile,
  type AgentRecord,
} from '../domain/agent.ts';
import { history, reasonOf } from '../domain/history.ts';
import { requirementsIn } from '../domain/lane.ts';
import type { Settings } from '../domain/settings.ts';
import { titleOfTask } from '../domain/title.ts';
import { executionMs, isHeld, type Payload, type Report, type TaskFields, type TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';

const instant = (time: number) => new Date(time).toISOString();
const optional = (name: string, time: number | undefined) => (time === undefined ? {} : { [name]: instant(time) });

/**
 * Tasks in their wire form, in the same order. Reads what is stored beside them.
 * @param known payloads that the caller has already, by task id: they are not read again
 */
export async function presentTasks(
  { tasks }: Pick<Ports, 'tasks'>,
  records: readonly TaskRecord[],
  known: ReadonlyMap<string, Payload> = new Map(),
): Promise<nouns.Task[]> {
  const [payloads, reports] = await Promise.all([
    tasks.payloads(records.filter(({ id }) => !known.has(id))),
    tasks.reports(records),
  ]);
  return records.map((record) =>
    toTask(record, known.get(record.id) ?? payloads.get(record.id), reports.get(record.id)),
  );
}

/**
 * One task in its wire form.
 * @param payload where the caller has it already
 */
export async function presentTask(
  ports: Pick<Ports, 'tasks'>,
  record: TaskRecord,
  payload?: Payload,
): Promise<nouns.Task> {
  const [presented] = await presentTasks(ports, [record], new Map(payload && [[record.id, payload]]));
  if (!presented) throw new Error('presentTasks left out a task');
  return presented;
}

/** Tasks as lists show them, in the same order. */
export async function presentSummaries(
  { lanes }: Pick<Ports, 'lanes'>,
  records: readonly TaskRecord[],
): Promise<nouns.TaskSummary[]> {
  const requirements = await lanes.requirements(records.map((record) => record.lane));
  return records.map((record) => toSummary(record, requirements.get(record.lane) ?? []));
}

/** One task as lists show it. Reads nothing that is stored beside the task. */
export async function presentSummary(ports: Pick<Ports, 'lanes'>, record: TaskRecord): Promise<nouns.TaskSummary> {
  const [presented] = await presentSummaries(ports, [record]);
  if (!presented) throw new Error('presentSummaries left out a task');
  return presented;
}

function toTask(record: TaskRecord, payload: Payload | undefined, report: Report | undefined): nouns.Task {
  return {
    ...toSummary(record, requirementsIn(record.lane) ?? payload?.requirements ?? []),
    ...(payload?.title !== undefined && { title: payload.title }),
    content: payload?.content ?? '',
    dependencies: payload?.dependencies ?? [],
    ...(payload?.metadata && { metadata: payload.metadata }),
    ...(payload?.idempotencyKey !== undefined && { idempotency_key: payload.idempotencyKey }),
    ...(report?.result !== undefined && { result: report.result }),
    ...(report?.error !== undefined && { error: report.error }),
    ...(report?.metrics && { metrics: report.metrics }),
    history: history(record).map(({ status, at, attempt, agentId, reason }) => ({
      status,
      at: instant(at),
      ...(attempt !== undefined && { attempt }),
      ...(agentId !== undefined && { agent_id: agentId }),
      ...(reason !== undefined && { reason }),
    })),
  };
}

function toSummary(record: TaskRecord, requirements: string[]): nouns.TaskSummary {
  const { agentId, dueAt, assignedAt, startedAt, endedAt, progress }: TaskFields = record;
  const reason = reasonOf(record);
  const duration = record.status === 'completed' ? executionMs(record) : undefined;
  return {
    task_id: record.id,
    title: titleOfTask(record),
    task_type: record.type,
    status: record.status,
    priority: record.priority,
    requirements,
    routing: record.routing,
    assigned_to: agentId ?? null,
    attempt: record.attempt,
    retry_count: record.retryCount,
    max_attempts: record.maxAttempts,
    timeout_seconds: record.timeoutMs / 1000,
    on_dependency_failure: record.policy,
    ...optional('not_before', dueAt ?? record.notBefore),
    created_at: instant(record.createdAt),
    ...optional('ready_at', record.readyAt),
    ...optional('assigned_at', assignedAt),
    ...optional('started_at', startedAt),
    ...optional('ended_at', endedAt),
    ...(record.status === 'completed' && optional('completed_at', endedAt)),
    ...(isHeld(record) && optional('lease_expires_at', record.leaseUntil)),
    ...(duration !== undefined && { execution_duration_ms: duration }),
    ...(progress && { progress }),
    ...(record.graphId !== undefined && { graph_id: record.graphId }),
    ...(reason !== undefined && { reason }),
  };
}

function healthOf(agent: AgentRecord, now: number, settings: Settings): nouns.AgentHealth['status'] {
  if (agent.state === 'left') return 'left';
  if (agent.state !== 'active') return 'draining';
  if (isStale(agent, now, settings)) return 'stale';
  return successRate(agent) <= 0.8 ? 'degraded' : 'healthy';
}

/** An agent's record, load and state in wire form. */
export function presentHealth(agent: AgentRecord, now: number, settings: Settings): nouns.AgentHealth {
  const rate = successRate(agent);
  const status = healthOf(agent, now, settings);
  return {
    agent_id: agent.id,
    status,
    success_rate: rate,
    avg_completion_ms: agent.completed === 0 ? 0 : agent.durationMs / agent.completed,
    total_completed: agent.completed,
    total_failed: agent.failed,
    max_concurrent_tasks: agent.maximum,
    load: slotsUsed(agent),
    last_seen_at: instant(agent.seenAt),
  };
}

/** An agent in wire form. */
export function presentAgent(
  agent: AgentRecord,
  profile: AgentProfile | undefined,
  now: number,
  settings: Settings,
): nouns.Agent {
  return {
    agent_id: agent.id,
    state: agent.state,
    capabilities: Object.entries(profile?.capabilities ?? {})
      .map(([name, { source }]) => ({
        name,
        confidence: confidenceIn(agent, name, profile?.capabilities ?? {}),
        source,
        completed: countOf(agent.successes, name),
        failed: countOf(agent.failures, name),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    max_concurrent_tasks: agent.maximum,
    load: slotsUsed(agent),
    holding: Object.keys(agent.inbox).map((task_id) => ({ task_id })),
    ...(profile?.metadata && { metadata: profile.metadata }),
    registered_at: instant(agent.registeredAt),
    health: presentHealth(agent, now, settings),
  };
}
