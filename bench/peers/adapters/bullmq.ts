import { FlowProducer, Job, Queue, Worker, type FlowJob } from 'bullmq';
import { Redis } from 'ioredis';
import type { Peer } from '../peer.ts';
import type { Server } from '../servers.ts';
import { queueOf, requirementSets, shareSlots, type PlannedTask } from '../workload.ts';

/** Longer than any run of the bench: such a job waits until it is promoted. */
const waitsMs = 24 * 60 * 60 * 1000;
const priorities = { high: 1, medium: 2, low: 3 };

/** Removes one dependency; returns 1 if it was the last one. */
const meet = `if redis.call('srem', KEYS[1], ARGV[1]) == 1 and redis.call('scard', KEYS[1]) == 0 then return 1 end return 0`;

/**
 * BullMQ. A flow is a tree, in which at most one other job depends on a job; tasks whose dependencies have no other
 * dependents become flows. For the others, this adapter keeps unmet dependencies in Redis sets and promotes a delayed
 * job when its set is empty. A worker serves a whole queue or none, so there is one queue per requirement set, and an
 * agent's slots are divided among those that it can serve.
 */
export const bullmq = (redis: Server): Peer => ({
  name: 'BullMQ',
  async start(agents, work) {
    const connection = { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null };
    const queues = new Map(requirementSets.map(queueOf).map((name) => [name, new Queue(name, { connection })]));
    const client = new Redis(connection);
    const producer = new FlowProducer({ connection });
    /** The tasks that wait for a dependency in a set, by the dependency's id. */
    const waiting = new Map<string, PlannedTask[]>();

    const meetDependency = async (id: string) => {
      for (const task of waiting.get(id) ?? []) {
        if ((await client.eval(meet, 1, unmetOf(task), id)) !== 1) continue;
        const queue = queues.get(queueOf(task.requirements));
        const job = queue && (await Job.fromId(queue, task.id));
        await job?.promote();
      }
      waiting.delete(id);
    };
    const workers = agents.flatMap((agent) =>
      shareSlots(agent).map(({ queue, slots }) => {
        const perform = async ({ name }: Job) => {
          await work(agent, name);
          // Before the job ends, so that it is repeated if the process dies here.
          await meetDependency(name);
        };
        return new Worker(queue, perform, { connection, concurrency: slots });
      }),
    );
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));

    return {
      processes: [redis.pid],
      async submit(tasks) {
        const { flows, inSets } = plan(tasks);
        const sets = client.multi();
        for (const task of inSets) {
          sets.sadd(unmetOf(task), ...task.dependencies);
          for (const id of task.dependencies) waiting.set(id, [...(waiting.get(id) ?? []), task]);
        }
        await sets.exec();
        await producer.addBulk(flows);
      },
      async stop() {
        await Promise.all(workers.map((worker) => worker.close()));
        await producer.close();
        client.disconnect();
        await Promise.all([...queues.values()].map((queue) => queue.close()));
      },
    };
  },
});

const unmetOf = ({ id }: PlannedTask) => `unmet:${id}`;

/** Separates the tasks that are flows from those with dependencies that a flow cannot have. */
function plan(tasks: readonly PlannedTask[]): { flows: FlowJob[]; inSets: PlannedTask[] } {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const dependents = new Map<string, number>();
  for (const { dependencies } of tasks)
    for (const id of dependencies) dependents.set(id, (dependents.get(id) ?? 0) + 1);
  const isFlow = ({ dependencies }: PlannedTask) => dependencies.every((id) => dependents.get(id) === 1);
  const inSets = tasks.filter((task) => !isFlow(task));
  const inTrees = new Set(tasks.filter(isFlow).flatMap(({ dependencies }) => dependencies));
  const flowOf = (task: PlannedTask): FlowJob => ({
    name: task.id,
    queueName: queueOf(task.requirements),
    opts: { jobId: task.id, priority: priorities[task.priority], ...(!isFlow(task) && { delay: waitsMs }) },
    children: isFlow(task) ? task.dependencies.flatMap((id) => byId.get(id) ?? []).map(flowOf) : [],
  });
  return { flows: tasks.filter(({ id }) => !inTrees.has(id)).map(flowOf), inSets };
}
