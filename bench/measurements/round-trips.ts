import { functionNamed, type Laboratory } from '../laboratory.ts';
import { ownRouters, routerOf } from '../routers.ts';
import type { Line } from '../table.ts';

interface Task {
  task_id: string;
}

/** How often each is measured. The lowest count is that of a process that already knows the agent and the lane. */
const repeats = 4;

/** The number of sequential DynamoDB calls of each operation. */
export async function roundTrips({ ask, createTasks, muster, cost }: Laboratory): Promise<Line[]> {
  const [router] = ownRouters(muster, 1);
  const api = functionNamed(muster, 'api');
  const count = async (caller: string, run: () => Promise<unknown>) => (await cost(caller, run)).roundTrips;
  await ask('POST', '/v1/agents', { agent_id: 'trips', capabilities: ['trips'], max_concurrent_tasks: 100 });
  const task = { content: 'goes round', requirements: ['trips'], routing: 'manual' };
  const { task_id: parent } = await ask<Task>('POST', '/v1/tasks', task);
  const create = () => ask<Task>('POST', '/v1/tasks', { ...task, dependencies: [parent] });
  const claim = async () => (await ask<{ tasks: Task[] }>('POST', '/v1/agents/trips/claim', {})).tasks[0];
  const complete = (claimed: Task | undefined, more: object = {}) =>
    ask<{ claimed?: Task[] }>('POST', `/v1/tasks/${claimed?.task_id}/complete`, {
      agent_id: 'trips',
      attempt: 1,
      result: 'done',
      ...more,
    });

  await complete(await claim());
  const counts = {
    create: [],
    claim: [],
    complete: [],
    release: [],
    push: [],
    next: [],
    chain: [],
    route: [],
  } as Record<Step, number[]>;
  let claimed: Task | undefined;
  for (let n = 0; n < repeats; n += 1) {
    counts.create.push(await count(api, create));
    counts.claim.push(await count(api, async () => (claimed = await claim())));
    counts.complete.push(await count(api, () => complete(claimed)));
    await create();
    claimed = await claim();
    await ask('POST', '/v1/tasks', { ...task, dependencies: [claimed?.task_id] });
    counts.release.push(await count(api, () => complete(claimed)));
    // The released task is claimed, and its dependent is left to the router. Repeated at once, because what is known
    // about agents is used for 5 s.
    for (let again = 0; again < 2; again += 1) {
      claimed = await claim();
      await ask('POST', '/v1/tasks', { ...task, routing: 'auto', dependencies: [claimed?.task_id] });
      counts.push.push(await count(api, () => complete(claimed)));
    }
    // The assigned task is claimed, and completed with claim_next.
    claimed = await claim();
    await create();
    const completeForNext = async () =>
      ([claimed] = (await complete(claimed, { claim_next: 1, holding: [] })).claimed ?? []);
    counts.next.push(await count(api, completeForNext));
    await ask('POST', '/v1/tasks', { ...task, dependencies: [claimed?.task_id] });
    counts.chain.push(await count(api, completeForNext));
    await complete(claimed);
  }
  for (let n = 0; n < repeats; n += 1) {
    const ids = await createTasks(10, { ...task, routing: 'auto' });
    counts.route.push(await count(routerOf(muster), async () => router?.(ids)));
  }
  const least = (step: Step) => Math.min(...counts[step]);
  const ms = (step: Step) => ownMs + least(step) * callMs;
  return [
    { what: 'create_task', measured: least('create'), budget: 3 },
    { what: 'claim_tasks', measured: least('claim'), budget: 4 },
    { what: 'complete_task', measured: least('complete'), budget: 2 },
    { what: 'complete_task with a dependent', measured: least('release'), budget: 4 },
    { what: 'complete_task with a dependent that it assigns', measured: least('push'), budget: 4 },
    { what: 'complete_task with claim_next', measured: least('next'), budget: 4 },
    { what: 'complete_task with claim_next that gets its dependent', measured: least('chain'), budget: 4 },
    { what: 'routing of a batch of 10', measured: least('route'), budget: 4 },
    { what: 'modelled p50, ms: completed -> assigned', measured: ms('push'), budget: 80 },
    { what: 'modelled p50, ms: completed -> claimed', measured: ms('chain'), budget: 30 },
    { what: 'modelled p50, ms: created -> assigned', measured: ms('create') + queueMs + ms('route'), budget: 80 },
  ];
}

type Step = 'create' | 'claim' | 'complete' | 'release' | 'push' | 'next' | 'chain' | 'route';

/**
 * p50 on AWS in milliseconds, measured elsewhere: a call to DynamoDB, a function apart from its calls, SQS to a
 * function.
 */
const [callMs, ownMs, queueMs] = [5, 12, 16];
