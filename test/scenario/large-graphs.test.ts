/** Graphs of the maximum number of tasks: their sizes, their cost, and that decisions about them are exact. */
import { onTestFinished } from 'vitest';
import { awsError, type AwsCall } from '#local/edge/call.ts';
import { limits } from '#shared/contract/limits.ts';
import { functionNamed } from '../../bench/laboratory.ts';
import { expect, test } from '../support/own-muster.ts';
import type { InputOf, OutputOf } from '../support/operation-request.ts';
import { Chance } from '../support/random.ts';
import { patience } from '../support/patience.ts';
import type { TestMuster } from '../support/test-muster.ts';

type GraphTasks = InputOf<'submit_graph'>['tasks'];

const slowMachine = { timeout: 600_000 };
/** The maximum response size of a function. */
const answerBytes = 6 * 1024 ** 2;
const count = limits.graphTasks;

/** Repeats a request that is too slow for this machine, whose function may time out, until it succeeds. */
async function patiently<T>(request: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await request();
    } catch (error) {
      if (tries > 20 || !/answered with (503|500: {"message":"Internal Server Error"})/.test(String(error)))
        throw error;
    }
  }
}

async function submit(muster: TestMuster, name: string, tasks: GraphTasks) {
  const input = { tasks, idempotency_key: muster.name(name) };
  return (await patiently(() => muster.call('submit_graph', input))).graph_id ?? '';
}

/** The api function's DynamoDB usage for one request. */
async function usage(muster: TestMuster, request: () => Promise<unknown>) {
  await muster.settled();
  const { meter } = muster.local;
  const before = meter.snapshot();
  await request();
  return meter.since(before).total({ caller: functionNamed(muster.local, 'api'), service: 'dynamodb' });
}

/** Long, but not so long that the dependencies alone exceed the maximum request size. */
const longKey = (n: number) => `task ${n} `.padEnd(40, 'x');

/** Tasks that each depend on the six before them, with the maximum number of dependencies in total. */
const chained = (
  task: (n: number) => Omit<GraphTasks[number], 'key' | 'dependencies'>,
  total: number = count,
): GraphTasks => {
  let left = limits.graphEdges;
  return Array.from({ length: total }, (_, n) => {
    const dependencies = Array.from({ length: Math.min(n, 6, left) }, (_none, m) => longKey(n - 1 - m));
    left -= dependencies.length;
    return { ...task(n), key: longKey(n), dependencies };
  });
};

/** Pairs of tasks, the second of which waits for the first. */
const pairs = (muster: TestMuster, total: number = count): GraphTasks =>
  Array.from({ length: total }, (_, n) => ({
    key: `task ${n}`,
    content: `the work of ${n}`,
    routing: 'manual' as const,
    requirements: [muster.name('skill')],
    max_attempts: 1,
    dependencies: n % 2 === 0 ? [] : [`task ${n - 1}`],
  }));

type Decision = 'cancel_graph' | 'retry_graph';

/** Repeats a decision about a graph until all its tasks follow: the last response counts the changes of all calls. */
async function decide(muster: TestMuster, name: Decision, graph_id: string): Promise<number> {
  let left = NaN;
  const wait = patience(() => `${name} to reach all tasks, of which ${left} remain`, 240_000);
  for (;;) {
    wait();
    const { changed, remaining } = await patiently(() => muster.call(name, { graph_id }));
    left = remaining;
    if (remaining === 0) return changed;
  }
}

test(
  'a graph is accepted and shown whatever its tasks contain, up to the maximum request size',
  slowMachine,
  async ({ muster }) => {
    const chance = new Chance(1);
    const noise = (length: number) =>
      Array.from({ length }, () => String.fromCharCode(35 + Math.floor(chance.fraction() * 56))).join('');
    const tasks = chained(() => ({
      title: noise(limits.titleLength),
      content: noise(300),
      task_type: `t${noise(62).replaceAll(/[^A-Z0-9]/g, 'x')}`,
      requirements: [muster.name('skill')],
      routing: 'manual',
      priority: 'critical',
      on_dependency_failure: 'run_anyway',
      timeout_seconds: 86_399,
      max_attempts: 99,
    }));
    const body = Buffer.byteLength(JSON.stringify({ tasks }));
    expect(body).toBeGreaterThan(0.9 * limits.bodyBytes);
    const graph_id = await submit(muster, 'largest', tasks);
    let graph: OutputOf<'get_graph'> | undefined;
    const { calls } = await usage(muster, async () => {
      graph = await muster.call('get_graph', { graph_id });
    });
    expect(graph?.tasks.map(({ key }) => key)).toEqual(tasks.map(({ key }) => key));
    expect(graph?.tasks.reduce((sum, { dependencies }) => sum + dependencies.length, 0)).toBe(limits.graphEdges);
    expect(Buffer.byteLength(JSON.stringify(graph))).toBeLessThan(answerBytes / 2);
    expect(calls).toBeLessThanOrEqual(15);
  },
);

test('a task of a large graph costs the same as one of a small graph', slowMachine, async ({ muster }) => {
  const cost = new Map<number, Record<string, number>>();
  for (const total of [100, count]) {
    let graph_id = '';
    const submitted = await usage(muster, async () => {
      graph_id = await submit(muster, `of ${total}`, pairs(muster, total));
    });
    const shown = await usage(muster, () => muster.call('get_graph', { graph_id }));
    const listed = await usage(muster, () => muster.call('list_graphs', { limit: 1 }));
    const cancelled = await usage(muster, () => decide(muster, 'cancel_graph', graph_id));
    cost.set(total, {
      submit: submitted.writeUnits / total,
      show: shown.readUnits / total,
      list: listed.readUnits / total,
      cancel: cancelled.writeUnits / total,
    });
  }
  const [small = {}, large = {}] = cost.values();
  for (const [step, units] of Object.entries(large)) expect(units, step).toBeLessThanOrEqual(small[step] ?? 0);
});

/** How often each task was set to one of these statuses. */
function timesGiven(muster: TestMuster, ...statuses: string[]): Map<string, number> {
  const times = new Map<string, number>();
  const restore = muster.local.edge.intercept(async (call, next) => {
    const answer = await next();
    const id = taskGiven(call, statuses);
    if (id !== undefined && answer?.status === 200) times.set(id, (times.get(id) ?? 0) + 1);
    return answer;
  });
  onTestFinished(restore);
  return times;
}

/** The task that a call sets to one of these statuses, if it does. */
function taskGiven({ action, body }: AwsCall, statuses: readonly string[]): string | undefined {
  const { Key, Item, UpdateExpression, ExpressionAttributeValues } = body as {
    Key?: { pk: { S: string }; sk: { S: string } };
    Item?: { pk: { S: string }; sk: { S: string }; st?: { S: string } };
    UpdateExpression?: string;
    ExpressionAttributeValues?: Record<string, { S?: string }>;
  };
  const set = UpdateExpression?.includes('#status = :status') ? ExpressionAttributeValues?.[':status']?.S : undefined;
  const status = action === 'PutItem' ? Item?.st?.S : set;
  const key = Item ?? Key;
  return key?.sk.S === 'T' && status !== undefined && statuses.includes(status) ? key.pk.S.slice(2) : undefined;
}

/** After this many changes, any process that sets a task to one of these statuses dies. */
function dieAfter(muster: TestMuster, changes: number, ...statuses: string[]): () => void {
  let left = changes;
  const recover = muster.local.edge.intercept((call, next) =>
    taskGiven(call, statuses) !== undefined && left-- <= 0
      ? Promise.resolve(awsError('AccessDeniedException', 'The process has died.'))
      : next(),
  );
  onTestFinished(recover);
  return recover;
}

/** Agents that complete what they can claim. */
async function workers(muster: TestMuster) {
  const agents = await Promise.all(
    ['ada', 'bob'].map((name) => muster.agent(name, undefined, { max_concurrent_tasks: 20 })),
  );
  const completed = new Set<string>();
  let isOver = false;
  const work = async (agent_id: string) => {
    while (!isOver) {
      const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 10 });
      for (const { task_id, attempt } of tasks) {
        const { status } = await muster.persist('POST', `/v1/tasks/${task_id}/complete`, { agent_id, attempt });
        if (status === 200) completed.add(task_id);
      }
    }
  };
  const working = Promise.all(agents.map(work));
  return {
    completed,
    /** Waits until this many more tasks are completed. */
    more: (by: number) => {
      const wanted = completed.size + by;
      return expect.poll(() => completed.size, { timeout: 120_000 }).toBeGreaterThanOrEqual(wanted);
    },
    stop: () => {
      isOver = true;
      return working;
    },
  };
}

const once = (ids: readonly string[]) => new Map(ids.toSorted().map((id) => [id, 1]));
const sorted = (times: ReadonlyMap<string, number>) =>
  new Map([...times].toSorted(([one], [other]) => (one < other ? -1 : 1)));

test(
  'each task of a large graph is cancelled once, while agents work and even if requests die, and then retried',
  slowMachine,
  async ({ muster }) => {
    const graph_id = await submit(muster, 'exact', pairs(muster));
    const look = () => muster.call('get_graph', { graph_id });
    const { completed, more, stop } = await workers(muster);
    const cancelled = timesGiven(muster, 'cancelled');
    await more(20);

    const recover = dieAfter(muster, 300, 'cancelled');
    expect(await muster.refusal('cancel_graph', { graph_id, reason: 'not needed' })).toMatchObject({ status: 500 });
    recover();
    expect(await look()).toMatchObject({ under_way: 'cancel', is_settled: false });
    await more(10);
    const isSettledAfterSweep = async () => {
      await muster.clock.advance('2m');
      await muster.fire('sweep');
      return (await look()).is_settled;
    };
    await expect.poll(isSettledAfterSweep, { timeout: 240_000 }).toBe(true);
    await stop();

    const { counts: atEnd, tasks } = await look();
    const ended = tasks.filter(({ status }) => status === 'cancelled').map(({ task_id }) => task_id);
    expect(atEnd).toMatchObject({ completed: completed.size, cancelled: count - completed.size });
    expect(sorted(cancelled)).toEqual(once(ended));
    expect(await muster.call('cancel_graph', { graph_id })).toMatchObject({ changed: 0, remaining: 0 });

    // The end of a task that reaches its dependent after the retry of both would block it for a moment.
    await expect.poll(() => muster.settled(), { timeout: 240_000 }).toBeUndefined();
    const retried = timesGiven(muster, 'pending', 'waiting');
    const recoverAgain = dieAfter(muster, 100, 'pending', 'waiting');
    expect(await muster.refusal('retry_graph', { graph_id })).toMatchObject({ status: 500 });
    recoverAgain();
    expect(await decide(muster, 'retry_graph', graph_id)).toBe(ended.length);
    expect(sorted(retried)).toEqual(once(ended));

    const { counts } = await look();
    expect(counts).toMatchObject({ completed: completed.size, cancelled: 0, failed: 0, blocked: 0 });
    // The stored counts come from the stream.
    const listed = async () => {
      const { graphs } = await muster.call('list_graphs', { limit: 100 });
      return graphs.find((one) => one.graph_id === graph_id)?.counts;
    };
    await expect.poll(listed, { timeout: 240_000 }).toEqual(counts);
  },
);
