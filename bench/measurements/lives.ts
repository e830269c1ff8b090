import { functionNamed, type Laboratory } from '../laboratory.ts';
import type { Line } from '../table.ts';

interface Given {
  task_id: string;
  attempt: number;
  hold: string;
}

const agents = 4;
const batch = 40;

/** What an agent does until no task is left, one request after another. */
type Work = (laboratory: Laboratory, agent: string) => AsyncGenerator<void, void>;

interface Life {
  what: string;
  slots: number;
  work: Work;
  /** Failed conditional writes per task. */
  failedBudget?: number;
}

const lives: Life[] = [
  { what: 'pushed, one at a time', slots: 1, work: workAsPushed },
  { what: 'claimed in batches of 10', slots: 10, work: workInBatches },
  {
    what: 'one slot, claim_next',
    slots: 1,
    work: (laboratory, agent) => workOnAndOn(laboratory, agent, 1),
    failedBudget: 0.05,
  },
  {
    what: '10 held, claim_next',
    slots: 10,
    work: (laboratory, agent) => workOnAndOn(laboratory, agent, 10),
    failedBudget: 0.05,
  },
];

/**
 * The most common lives, per task, created 100 at a time with the default routing. The agents take turns, so that the
 * counts show the cost of a life; contention is measured separately.
 */
export async function commonLives(laboratory: Laboratory): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [n, { what, slots, work, failedBudget }] of lives.entries()) {
    const { ask, createTasks, measure, muster, settled } = laboratory;
    const skill = `life-${n}`;
    const names = Array.from({ length: agents }, (_, k) => `${skill}-${k}`);
    for (const agent_id of names) {
      await ask('POST', '/v1/agents', { agent_id, capabilities: [skill], max_concurrent_tasks: slots });
    }
    const run = async () => {
      await createTasks(batch, { content: 'c'.repeat(150), requirements: [skill] });
      // The router assigns what it can at first; from then on, the agents poll.
      await settled();
      await inTurn(names.map((name) => work(laboratory, name)));
      // Tasks that were assigned to an agent after it had stopped.
      for (let round = 0; round < 5; round += 1) {
        await settled();
        await inTurn(names.map((name) => work(laboratory, name)));
      }
    };
    await run();
    const used = await measure(run);
    const all = used.total({ service: 'dynamodb' });
    const keys = used.total({ caller: functionNamed(muster, 'authorize') });
    const each = (count: number) => count / batch;
    lines.push(
      { what: `${what}: write units`, measured: each(all.writeUnits) },
      { what: `${what}: read units`, measured: each(all.readUnits - keys.readUnits) },
      { what: `${what}: DynamoDB calls`, measured: each(all.calls - keys.calls) },
      {
        what: `${what}: failed conditions`,
        measured: each(all.failedConditions),
        ...(failedBudget !== undefined && { budget: failedBudget }),
      },
      { what: `${what}: SQS requests`, measured: each(used.total().queueRequests) },
    );
  }
  return lines;
}

/** Runs one step of each worker in turn until all are done. */
async function inTurn(workers: readonly AsyncGenerator<void, void>[]): Promise<void> {
  const open = new Set(workers);
  while (open.size > 0) {
    for (const worker of open) if ((await worker.next()).done) open.delete(worker);
  }
}

const result = 'r'.repeat(100);

/** Polls for assigned tasks, starts and completes them. */
async function* workAsPushed({ ask, settled }: Laboratory, agent: string) {
  for (;;) {
    await settled();
    const { tasks } = await ask<{ tasks: Given[] }>('GET', `/v1/queue?agent_id=${agent}&status=assigned`);
    if (tasks.length === 0) return;
    for (const { task_id, attempt } of tasks) {
      await ask('POST', `/v1/tasks/${task_id}/start`, { agent_id: agent, attempt });
      await ask('POST', `/v1/tasks/${task_id}/complete`, { agent_id: agent, attempt, result });
      yield;
    }
  }
}

async function* workInBatches({ ask }: Laboratory, agent: string) {
  for (;;) {
    const { tasks } = await ask<{ tasks: Given[] }>('POST', `/v1/agents/${agent}/claim`, { limit: 10, holding: [] });
    if (tasks.length === 0) return;
    for (const { task_id, attempt } of tasks) {
      await ask('POST', `/v1/tasks/${task_id}/complete`, { agent_id: agent, attempt, result });
      yield;
    }
  }
}

/** Holds as many tasks as it can, and gets the next one with each completion. */
async function* workOnAndOn({ ask }: Laboratory, agent: string, slots: number) {
  const named = ({ task_id, attempt, hold }: Given) => ({ task_id, attempt, hold });
  const { tasks: held } = await ask<{ tasks: Given[] }>('POST', `/v1/agents/${agent}/claim`, {
    limit: slots,
    holding: [],
  });
  for (let task = held.shift(); task; task = held.shift()) {
    const { task_id, attempt } = task;
    const { claimed } = await ask<{ claimed: Given[] }>('POST', `/v1/tasks/${task_id}/complete`, {
      agent_id: agent,
      attempt,
      result,
      claim_next: 1,
      holding: held.map(named),
    });
    held.push(...claimed);
    yield;
  }
}
