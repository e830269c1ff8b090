import { functionNamed, type Laboratory } from '../laboratory.ts';
import type { MeterReading } from '#local/edge/meter.ts';
import { lineBytes, logBytes } from '../log-bytes.ts';

interface Held {
  task_id: string;
  attempt: number;
  hold: string;
}

/** A way to get work done. In each, every task depends on one other. */
export interface Life {
  what: string;
  routing: 'auto' | 'manual';
  /** How many tasks are created at a time. */
  together: number;
  /** How many tasks an agent claims, and holds, at a time. */
  slots: number;
  /** Whether a completion returns the next task. */
  claimNext: boolean;
  /** The budgets for one task, and for the cost of a million. */
  budgets: Partial<PerTask> & { dollars?: number };
}

export const lives: readonly Life[] = [
  {
    what: 'pushed, created alone',
    routing: 'auto',
    together: 1,
    slots: 1,
    claimNext: false,
    budgets: { writeUnits: 16, readUnits: 5, calls: 17, dollars: 18 },
  },
  {
    what: 'pulled with claim_next, created alone',
    routing: 'manual',
    together: 1,
    slots: 1,
    claimNext: true,
    budgets: { writeUnits: 12, readUnits: 4, calls: 11 },
  },
  {
    what: 'created in batches of 25, claimed by 10, claim_next',
    routing: 'manual',
    together: 25,
    slots: 10,
    claimNext: true,
    budgets: { readUnits: 4, calls: 8, queueRequests: 0.3, dollars: 10.5 },
  },
];

/** The usage of a task from its creation to its end, including everything that follows from it. */
export interface PerTask {
  requests: number;
  invocations: number;
  calls: number;
  readUnits: number;
  /** Without statistics. */
  writeUnits: number;
  statisticsWriteUnits: number;
  failedConditions: number;
  queueRequests: number;
  events: number;
  logBytes: number;
}

const agents = 4;

/**
 * Measures a life in its steady state: agents hold as many tasks at the beginning and end as in between. Polls of idle
 * agents are excluded, and so is authorization, which is cached for a minute.
 */
export async function measureLife(laboratory: Laboratory, life: Life, rounds: number): Promise<PerTask> {
  const { measure, muster } = laboratory;
  const { round, requests, idle } = await begin(laboratory, life);
  for (let n = 0; n < warmUp; n += 1) await round();
  const [requestsBefore, bytesBefore] = [requests(), logBytes(muster.folder)];
  idle.length = 0;
  const used = await measure(async () => {
    for (let n = 0; n < rounds; n += 1) await round();
  });
  const asked = requests() - requestsBefore;
  const bytes = logBytes(muster.folder) - bytesBefore - idle.length * lineBytes(muster.folder, 'claim_tasks');
  return perTask(laboratory, { used, idle }, asked, bytes, rounds * tasksOfRound(life));
}

/** Rounds until every process knows every agent and lane. */
const warmUp = 4;

const tasksOfRound = ({ together }: Life) => (together === 1 ? agents : together);

/**
 * Registers agents and creates the first tasks. A round creates as many tasks as it completes, which depend on those of
 * the previous round.
 */
async function begin(laboratory: Laboratory, life: Life) {
  const { settled } = laboratory;
  const { what, routing, slots, claimNext, together } = life;
  const skill = what.replaceAll(/[^a-z0-9]+/g, '-');
  let requests = 0;
  /** The usage of claims that found nothing. */
  const idle: MeterReading[] = [];
  const ask: Laboratory['ask'] = (...request) => {
    requests += 1;
    return laboratory.ask(...request);
  };
  const team = Array.from({ length: agents }, (_, n) => ({ id: `${skill}-${n}`, held: [] as Held[] }));
  for (const { id } of team)
    await ask('POST', '/v1/agents', { agent_id: id, capabilities: [skill], max_concurrent_tasks: slots });

  let last: string[] = [];
  const create = async () => {
    const count = tasksOfRound(life);
    const tasks = Array.from({ length: count }, (_, n) => ({
      content: 'c'.repeat(150),
      requirements: [skill],
      routing,
      dependencies: last.length > 0 ? [last[n]] : [],
    }));
    if (together > 1) {
      const { results } = await ask<{ results: { task: Held }[] }>('POST', '/v1/tasks/batch', { tasks });
      last = results.map(({ task }) => task.task_id);
    } else {
      last = [];
      for (const task of tasks) last.push((await ask<Held>('POST', '/v1/tasks', task)).task_id);
    }
  };
  const claim = async (agent: (typeof team)[number]) => {
    const [before, meterBefore] = [requests, laboratory.muster.meter.snapshot()];
    const { tasks } = await ask<{ tasks: Held[] }>('POST', `/v1/agents/${agent.id}/claim`, {
      limit: slots,
      holding: [],
    });
    agent.held.push(...tasks);
    // An agent that finds nothing waits; how often it polls meanwhile is a matter of timing.
    if (tasks.length > 0) return;
    requests = before;
    idle.push(laboratory.muster.meter.since(meterBefore));
  };
  const complete = async ({ id, held }: (typeof team)[number], { task_id, attempt }: Held) => {
    const named = held.map((task) => ({ task_id: task.task_id, attempt: task.attempt, hold: task.hold }));
    const next = claimNext ? { claim_next: 1, holding: named } : {};
    const report = { agent_id: id, attempt, result: 'r'.repeat(100), ...next };
    const { claimed = [] } = await ask<{ claimed?: Held[] }>('POST', `/v1/tasks/${task_id}/complete`, report);
    held.push(...claimed);
  };
  const round = async () => {
    await create();
    await settled();
    let left = tasksOfRound(life);
    for (let idle = 0; left > 0; idle += 1) {
      if (idle > 20) throw new Error(`${left} tasks of ${what} found no agent.`);
      for (const agent of team) {
        if (agent.held.length === 0) await claim(agent);
        const task = left > 0 ? agent.held.shift() : undefined;
        if (!task) continue;
        await complete(agent, task);
        left -= 1;
        idle = 0;
      }
      if (!claimNext) await settled();
    }
    await settled();
  };
  await create();
  await settled();
  return { round, requests: () => requests, idle };
}

function perTask(
  { muster }: Laboratory,
  { used, idle }: { used: MeterReading; idle: readonly MeterReading[] },
  requests: number,
  bytes: number,
  tasks: number,
): PerTask {
  const api = { caller: functionNamed(muster, 'api'), service: 'dynamodb' };
  const all = used.total({ service: 'dynamodb' });
  const idling = idle.map((reading) => reading.total(api));
  const keys = used.total({ caller: functionNamed(muster, 'authorize') });
  const statistics = used.total({ caller: functionNamed(muster, 'count-changes'), action: 'UpdateItem' });
  const batches = ['GetRecords', 'ReceiveMessage'].map((action) => used.total({ action }).calls);
  const each = (...counts: number[]) => counts.reduce((sum, count) => sum + count, 0) / tasks;
  const without = (what: 'calls' | 'readUnits' | 'writeUnits') => idling.map((one) => -one[what]);
  return {
    requests: each(requests),
    // A request, and a non-empty page of changes or messages, is one invocation.
    invocations: each(requests, ...batches),
    calls: each(all.calls, -keys.calls, ...without('calls')),
    readUnits: each(all.readUnits, -keys.readUnits, ...without('readUnits')),
    writeUnits: each(all.writeUnits, -statistics.writeUnits, ...without('writeUnits')),
    statisticsWriteUnits: each(statistics.writeUnits),
    failedConditions: each(all.failedConditions),
    queueRequests: each(used.total().queueRequests),
    events: each(used.total().events),
    logBytes: each(bytes),
  };
}
