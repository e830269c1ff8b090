/** What must hold after the faults have stopped and agents have worked until nothing was left to do. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../dynamodb/values.ts';
import type { PublishedEvent } from '../services/bus.ts';
import type { History, TaskChangeView } from './history.ts';
import { failsDependents, graphIn, hasEnded, isHeld, membersOfGraph, policyFor, type TaskView } from './reader.ts';
import type { Report } from './writes.ts';

export interface End {
  history: History;
  items: { tasks: readonly Item[]; agents: readonly Item[] };
  published: readonly PublishedEvent[];
  /** The detail-types to be published. */
  publicTypes: readonly string[];
  deadLetters: readonly string[];
  dependenciesOf: (task: TaskView) => string[];
}

/** The tasks that can or should continue. If there are none, nothing is left to do. */
export function tasksToSettle(history: History, dependenciesOf: End['dependenciesOf']): TaskView[] {
  return [...history.tasks.keys()].flatMap((id) => {
    const task = history.task(id);
    if (!task || hasEnded(task)) return [];
    const failing = dependenciesOf(task).flatMap((one, n) => (failsNow(history, one) ? [policyFor(task, n)] : []));
    const isBlocked = task.status === 'blocked' && failing.includes('block') && !failing.includes('cancel');
    return isBlocked ? [] : [task];
  });
}

const failsNow = (history: History, id: string) => {
  const parent = history.task(id);
  return parent !== undefined && failsDependents(parent);
};

export function checkEnd(end: End, report: Report): void {
  const { history, items, deadLetters } = end;
  for (const task of tasksToSettle(history, end.dependenciesOf))
    report('every task settles', `${task.id} is ${task.status}`);
  for (const agent of history.agents.values()) {
    const left = Object.keys(agent.inbox);
    if (left.length > 0) report('no slot is leaked', `${agent.id} still has ${left.join(', ')}`);
  }
  for (const hold of history.holds.values()) {
    if (hold.isGone || hold.counted > 0 || hold.outcome === undefined || hold.outcome === 'none') continue;
    report(
      'an outcome counts once',
      `${hold.agent} ${hold.outcome} ${hold.task}, attempt ${hold.attempt}, which was never counted`,
    );
  }
  for (const letter of deadLetters) report('nothing is dead-lettered because of an AWS error', letter.slice(0, 400));
  checkGraphs(items.tasks, history, report);
  for (const { id, decision } of history.graphs.values())
    if (decision) report('every decision about a graph is carried out', `${id}: ${decision.kind}`);
  checkStatistics(items.agents, history, report);
  checkEvents(end, report);
  for (const agent of agentsNotFound(items.agents, history)) report('a healthy agent is found', agent);
}

/** All tasks of a committed graph exist and are counted by it. */
function checkGraphs(tasks: readonly Item[], history: History, report: Report): void {
  const items = new Map(tasks.map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item]));
  for (const head of tasks) {
    const graph = graphIn(head);
    if (!graph) continue;
    const members = membersOfGraph(graph, ({ pk, sk }) => items.get(`${pk} ${sk}`));
    const missing = members?.filter((id) => !history.tasks.has(id));
    const different = statuses.filter((status) => {
      const count = members?.filter((id) => history.task(id)?.status === status).length;
      return count !== Number(head[status]?.N ?? 0);
    });
    if (different.length > 0)
      report('a graph counts its tasks', `${graph.id}: not those that are ${different.join(', ')}`);
    if (missing?.length !== 0)
      report('every graph is whole', `${graph.id} lacks ${missing?.join(', ') ?? 'its tasks'}`);
  }
}

const statuses = ['waiting', 'pending', 'assigned', 'running', 'completed', 'failed', 'blocked', 'cancelled'];

/** The counters are the sum of everything that ever happened, and so are all minutes together. */
function checkStatistics(agents: readonly Item[], history: History, report: Report): void {
  const counted = new Map<string, number>();
  const add = (name: string, by: number) => counted.set(name, (counted.get(name) ?? 0) + by);
  for (const { before, after } of history.changes) {
    if (!after) continue;
    if (!before) add('minute_created', 1);
    if (hasEnded(after) && before?.status !== after.status) add(`minute_${after.status}`, 1);
    if (before?.status !== after.status) {
      if (before) add(before.status, -1);
      add(after.status, 1);
      add('pendingAuto', Number(isForRouter(after)) - Number(isForRouter(before)));
      if (after.status === 'completed') add('executions', 1);
    }
    if (after.attempt > (before?.attempt ?? 0) && !(isHeld(before) && before?.offer === after.offer)) {
      add('waits', 1);
      add('minute_waits', 1);
    }
  }
  const item = agents.find(({ pk, sk }) => pk?.S === 'S' && sk?.S === 'S');
  const counts = (item ? unmarshall(item) : {}) as Record<string, number>;
  const kept: Record<string, number> = { ...counts, ...inAllMinutes(agents, counts) };
  const different = [...counted].filter(([name, count]) => (kept[name] ?? 0) !== count);
  if (different.length === 0) return;
  report(
    'statistics equal a recount',
    different.map(([name, count]) => `${name}: ${kept[name] ?? 0} for ${count}`).join(', '),
  );
}

/** The sum of all minutes: those with items of their own, and the one open in the counters. */
function inAllMinutes(agents: readonly Item[], counts: Record<string, number>): Record<string, number> {
  const open = Object.entries(counts).flatMap(([name, n]) => {
    if (name.startsWith('wait_')) return [['minute_waits', n] as const];
    return name.startsWith('minute_') ? [[name, n] as const] : [];
  });
  const closed = agents
    .filter(({ pk, sk }) => pk?.S === 'S' && sk?.S?.startsWith('M#'))
    .flatMap((item) => {
      const { waits, ...ends } = unmarshall(item) as { waits: Record<string, number> } & Record<string, unknown>;
      return [
        ...Object.values(waits).map((n) => ['minute_waits', n] as const),
        ...['created', 'completed', 'failed', 'cancelled'].map(
          (name) => [`minute_${name}`, Number(ends[name])] as const,
        ),
      ];
    });
  const sums: Record<string, number> = {};
  for (const [name, n] of [...open, ...closed]) sums[name] = (sums[name] ?? 0) + n;
  return sums;
}

const isForRouter = (task: TaskView | undefined) => task?.status === 'pending' && task.routing === 'auto';

/** Every public transition was published at least once, and otherwise only internal events were. */
function checkEvents({ history, published, publicTypes }: End, report: Report): void {
  for (const { source, type } of published) {
    const isExpected = source === 'muster.internal' ? type === 'Release Dependents' : publicTypes.includes(type);
    if (!isExpected) report('only public events are published', `${type} of ${source}`);
  }
  const told = new Set(
    published.map(({ type, detail }) => `${type} ${String(detail['task_id'])} ${String(detail['attempt'])}`),
  );
  for (const change of history.changes) {
    const type = eventOf(change);
    if (type === undefined || !publicTypes.includes(type)) continue;
    if (told.has(`${type} ${change.after?.id} ${change.after?.attempt}`)) continue;
    report('every transition is published', `${type} of ${change.after?.id}, attempt ${change.after?.attempt}`);
  }
}

function eventOf({ before, after }: TaskChangeView): string | undefined {
  if (!after || before?.status === after.status) return undefined;
  const names: Record<string, string> = {
    assigned: 'Assigned',
    running: 'Started',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
    blocked: 'Blocked',
  };
  const name = names[after.status];
  if (name !== undefined) return `Task ${name}`;
  if (after.status !== 'pending') return undefined;
  if (!before || ['waiting', 'blocked'].includes(before.status)) return 'Task Ready';
  return isHeld(before) ? 'Task Requeued' : undefined;
}

/** Working agents that the router does not find under each of their capabilities, in their current version. */
export function agentsNotFound(agents: readonly Item[], history: History): string[] {
  const items = new Map(agents.map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item]));
  const found = new Map<string, unknown>();
  for (const item of agents.filter(({ pk }) => pk?.S?.startsWith('C#'))) {
    found.set(`${item['pk']?.S?.slice(2)} ${item['sk']?.S?.split('#')[1]}`, item['version']?.N);
  }
  return [...history.agents.values()].flatMap((agent) => {
    if (agent.state !== 'active') return [];
    const names = ['*', ...Object.keys(items.get(`A#${agent.id} P`)?.['capabilities']?.M ?? {})];
    const missing = names.filter((name) => found.get(`${name} ${agent.id}`) !== String(agent.profileVersion));
    return missing.length === 0 ? [] : [`${agent.id} has no membership of ${missing.join(', ')}`];
  });
}
