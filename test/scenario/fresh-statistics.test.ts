/** How old statistics are under load. */
import { expect, test } from '../support/own-muster.ts';

const maxAgeMs = 2000;
/** On a busy machine there are fewer, in the same time. */
const samples = 200;
const samplingMs = 15_000;

test('statistics are at most 2 s old under full load', { timeout: 240_000 }, async ({ muster }) => {
  // On a busy machine, a function's first start takes a second.
  await muster.create({});
  await muster.settled();
  const acknowledged = { created: [{ at: 0, count: 0 }], completed: [{ at: 0, count: 0 }] };
  const note = (what: keyof typeof acknowledged, more: number) => {
    const count = (acknowledged[what].at(-1)?.count ?? 0) + more;
    acknowledged[what].push({ at: performance.now(), count });
  };
  const had = (what: keyof typeof acknowledged, time: number) =>
    acknowledged[what].findLast(({ at }) => at <= time)?.count ?? 0;

  let isOver = false;
  const produce = async () => {
    while (!isOver) note('created', (await muster.create([{}, {}, {}, {}, {}])).length);
  };
  const work = async (agent_id: string) => {
    while (!isOver) {
      const { tasks } = await muster.call('claim_tasks', { agent_id, limit: 5 });
      for (const { task_id, attempt } of tasks) {
        await muster.call('complete_task', { task_id, agent_id, attempt, result: 'done' });
        note('completed', 1);
      }
    }
  };
  const load = [produce(), work(await muster.agent('one')), work(await muster.agent('two'))];

  const stale: string[] = [];
  // Until there is something to compare: what was done in the last 2 s may not be counted yet.
  const isCompared = () => had('completed', performance.now() - maxAgeMs) > 50;
  const until = performance.now() + samplingMs;
  for (let n = 0; (n < samples && performance.now() < until) || !isCompared(); n += 1) {
    const before = performance.now() - maxAgeMs;
    const { total, completed } = await muster.call('get_queue_statistics', {});
    if (total < had('created', before)) stale.push(`${total} of ${had('created', before)} created`);
    if (completed < had('completed', before)) stale.push(`${completed} of ${had('completed', before)} completed`);
  }
  isOver = true;
  await Promise.all(load);
  expect(had('completed', performance.now())).toBeGreaterThan(50);
  expect(stale).toEqual([]);
});
