import { inBatches } from '../../batches.ts';
import * as contract from '../../contract/graphs.ts';
import type { Status } from '../../contract/nouns.ts';
import { limits } from '../../contract/limits.ts';
import { invalidInput, Refusal } from '../../contract/problem.ts';
import { criticalPath, order } from '../../domain/graph.ts';
import { canonical } from '../../domain/lane.ts';
import { nearNames } from '../../domain/near-names.ts';
import { times } from '../../domain/settings.ts';
import { listOf } from '../../domain/wording.ts';
import type { GraphHead, GraphRecord, Ports } from '../../ports.ts';
import { dependencyStatuses, requireDependencies, type Locator } from '../../steps/dependency-statuses.ts';
import { implement } from '../implement.ts';
import { asReplay } from '../replays.ts';
import type { Caller } from '../../domain/caller.ts';
import { hashOf } from '../../domain/hash.ts';
import { titleOfTask } from '../../domain/title.ts';
import { lanesAtOnce } from '../../steps/lane-heads.ts';
import { withNames, type WithNames } from '../../steps/named-dependencies.ts';
import { draftTask, idFrom, inTrace, requireDueInTime, type TaskDraft } from '../../steps/new-task.ts';
import { isNoneCapable } from '../../steps/none-capable.ts';
import { requireRoom } from '../../steps/require-room.ts';
import { registerLanes } from '../../steps/register-lanes.ts';
import { rollForward } from '../../steps/roll-forward.ts';

/** How many payloads are written concurrently; each may have 256 KB. */
const payloadsAtOnce = 25;

type GraphTasks = WithNames<contract.GraphTask>[];

interface Draft {
  key: string;
  draft: TaskDraft;
}

/**
 * Creates tasks all or nothing. It first checks that their dependencies exist, then writes what surrounds them (lanes,
 * edges, payloads, the list of tasks), which is invisible, and then commits with one conditional put of the graph.
 * After that the tasks are written, by this request or, if it dies, by the sweep, which finds the graph in the index
 * until they all are.
 */
export const submitGraph = implement(
  contract.submitGraph,
  async (ports, { tasks: given, title, traceparent, idempotency_key, dry_run }, caller) => {
    const now = ports.clock.now();
    const tasks = inTrace(given, traceparent).map((task, n) => withNames(task, ['tasks', n]));
    const sorted = requireGraph(tasks);
    for (const [n, task] of tasks.entries()) requireDueInTime(task, now, ['tasks', n]);
    if (dry_run) {
      await requireDependencies(ports, ...externalOf(tasks));
      return dryRun(ports, tasks, sorted);
    }
    const { graphs, random } = ports;
    const id = idempotency_key === undefined ? random.taskId() : idFrom(caller, 'graph', idempotency_key);
    const drafts = draftsOf(tasks, id, caller, now);
    const wanted: GraphRecord = {
      id,
      bodyHash: bodyHashOf(tasks, title),
      createdAt: now,
      title: title ?? titleOfTask(drafts[0]?.draft.record ?? { type: '' }),
      total: drafts.length,
      isWritten: false,
      decided: 0,
      tasks: drafts.map(({ key, draft }) => ({ key, record: draft.record, dependencies: draft.payload.dependencies })),
    };
    const earlier = idempotency_key === undefined ? undefined : await graphs.head(id);
    if (!earlier) await requireRoom(ports);
    const isReplay = earlier ? await finish(ports, wanted, earlier) : await commitNew(ports, wanted, tasks, drafts);
    const output = { graph_id: id, tasks: Object.fromEntries(wanted.tasks.map(({ key, record }) => [key, record.id])) };
    return isReplay ? asReplay(output) : output;
  },
);

/** @returns whether an earlier request has committed it in the meantime */
async function commitNew(
  ports: Ports,
  wanted: GraphRecord,
  tasks: GraphTasks,
  drafts: readonly Draft[],
): Promise<boolean> {
  const external = externalOf(tasks);
  const completed = await requireDependencies(ports, ...external);
  await registerLanes(
    ports,
    drafts.map(({ draft }) => draft.lane),
  );
  const [parts] = await Promise.all([ports.graphs.putTasks(wanted), putRelated(ports, drafts, wanted.createdAt)]);
  const statuses = await dependencyStatuses(ports, ...external, completed);
  const { graph, isNew } = await ports.graphs.commit(wanted, parts);
  if (isNew) await writeTasks(ports, wanted, statuses);
  else await finish(ports, wanted, graph);
  // Of the same time: this request's own commit, even if its response was lost.
  return graph.createdAt !== wanted.createdAt;
}

/** A repeated request: finishes what its first attempt committed, then returns the same response. */
async function finish(ports: Ports, { id, bodyHash }: GraphRecord, committed: GraphHead): Promise<true> {
  if (committed.bodyHash !== bodyHash) {
    throw new Refusal('idempotency_mismatch', `The idempotency key was used for graph ${id} with a different body.`);
  }
  const graph = committed.isWritten ? undefined : await ports.graphs.get(id);
  if (graph) await writeTasks(ports, graph);
  return true;
}

/**
 * A success means that the tasks exist. If this takes too long, the graph is accepted all the same, and the sweep
 * continues.
 */
async function writeTasks(ports: Ports, graph: GraphRecord, external?: ReadonlyMap<string, Status>): Promise<void> {
  const until = ports.clock.now() + times.graphWritesMs;
  if (await rollForward(ports, graph, { hasTime: () => ports.clock.now() < until, external })) return;
  throw new Refusal('unavailable', `Graph ${graph.id} is accepted, but not all of its tasks are written yet.`, {
    hint: 'Do not submit it as a new graph. Send the same request with the same idempotency_key, or check it with get_graph.',
    retryAfterSeconds: 10,
  });
}

function bodyHashOf(tasks: GraphTasks, title: string | undefined): string {
  const bodies = tasks.map(({ traceparent: _, ...task }) => ({
    ...task,
    requirements: canonical(task.requirements),
  }));
  return hashOf(title === undefined ? bodies : { title, tasks: bodies });
}

/** @returns the keys in topological order */
function requireGraph(tasks: GraphTasks): string[] {
  const keys = new Set<string>();
  tasks.forEach(({ key }, n) => {
    if (keys.has(key)) {
      const message = `must be unique, but ${key} is used more than once`;
      throw invalidInput([{ path: ['tasks', n, 'key'], message }]);
    }
    keys.add(key);
  });
  const edges = tasks.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
  if (edges > limits.graphEdges) {
    const message = `has ${edges} dependencies in total; at most ${limits.graphEdges} are allowed`;
    throw invalidInput([{ path: ['tasks'], message }]);
  }
  const sorted = order(withInnerDependencies(tasks));
  if ('order' in sorted) return sorted.order;
  const cycle = listOf([...sorted.cycle, sorted.cycle[0] ?? ''], ' -> ');
  throw new Refusal('dependency_cycle', `Dependency cycle: ${cycle}.`, {
    errors: sorted.cycle.map((key) => ({
      pointer: `/tasks/${tasks.findIndex((task) => task.key === key)}/dependencies`,
      message: 'is part of the dependency cycle',
    })),
  });
}

/** The tasks with only their dependencies inside the graph. */
function withInnerDependencies(tasks: GraphTasks) {
  const keys = new Set(tasks.map(({ key }) => key));
  return tasks.map(({ key, dependencies }) => ({ key, dependencies: dependencies.filter((name) => keys.has(name)) }));
}

/** Ids derive from graph and key, so that a repeated request writes the same edges and payloads. */
function draftsOf(tasks: GraphTasks, graphId: string, caller: Caller, now: number): Draft[] {
  const idOf = new Map(tasks.map(({ key }) => [key, idFrom(caller, graphId, key)]));
  return tasks.map(({ key, ...input }) => {
    const policies = Object.entries(input.dependency_policies ?? {});
    const named = {
      ...input,
      dependencies: input.dependencies.map((name) => idOf.get(name) ?? name),
      ...(policies.length > 0 && {
        dependency_policies: Object.fromEntries(policies.map(([name, policy]) => [idOf.get(name) ?? name, policy])),
      }),
    };
    return { key, draft: draftTask(named, idOf.get(key) ?? key, now, graphId) };
  });
}

async function putRelated({ tasks }: Ports, drafted: readonly Draft[], now: number): Promise<void> {
  const drafts = drafted.map(({ draft }) => draft);
  const large = drafts.filter(({ record }) => !record.payload);
  await Promise.all([
    tasks.putEdges(
      drafts.flatMap(({ edges }) => edges),
      now,
    ),
    inBatches(large, payloadsAtOnce, ({ record, payload }) =>
      tasks.putPayload(record.id, record.bodyHash, payload, now),
    ),
  ]);
}

/** The dependencies outside the graph, and where each is first mentioned. */
function externalOf(tasks: GraphTasks): [ids: string[], locator: Locator] {
  const keys = new Set(tasks.map(({ key }) => key));
  const mentioned = new Map<string, { by: string; pointer: string }>();
  for (const [n, { key, dependencies }] of tasks.entries()) {
    for (const [m, name] of dependencies.entries()) {
      if (keys.has(name) || mentioned.has(name)) continue;
      mentioned.set(name, { by: key, pointer: `/tasks/${n}/dependencies/${m}` });
    }
  }
  const errorFor = (name: string) => {
    const [near] = nearNames(name, keys);
    const suggestion = near === undefined ? '' : ` (did you mean "${near}"?)`;
    return `task "${mentioned.get(name)?.by}" depends on "${name}", which is neither a key of this graph nor a task id${suggestion}`;
  };
  return [[...mentioned.keys()], { pointerTo: (name) => mentioned.get(name)?.pointer ?? '', errorFor }];
}

async function dryRun(ports: Ports, tasks: GraphTasks, sorted: string[]) {
  const sets = new Map(tasks.map(({ requirements }) => [[...requirements].sort().join(), requirements]));
  const isUnroutable = new Map(
    await inBatches(
      [...sets],
      lanesAtOnce,
      async ([name, requirements]) => [name, await isNoneCapable(ports, requirements)] as const,
    ),
  );
  return {
    order: sorted,
    critical_path: criticalPath(withInnerDependencies(tasks), sorted),
    unroutable: tasks
      .filter(({ requirements }) => isUnroutable.get([...requirements].sort().join()))
      .map(({ key, requirements }) => ({ key, requirements })),
  };
}
