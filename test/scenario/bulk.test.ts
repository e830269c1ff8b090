/** Cancelling and retrying all tasks that match a filter, in pages; and the dependents of a task. */
import { expect, test } from '../support/muster.ts';

interface Page {
  changed: number;
  refused: unknown[];
  next_cursor?: string | undefined;
}

test('tasks that match a filter are cancelled and retried page by page, and a dry run only counts them', async ({
  muster,
}) => {
  const task_type = muster.name('bulk');
  const agent_id = await muster.agent('worker');
  const ids = await muster.create(Array.from({ length: 7 }, () => ({ task_type })));
  const [done = '', held = ''] = ids;
  await muster.finish(done);
  await muster.call('assign_task', { task_id: held, agent_id });
  const other = await muster.create({ task_type: muster.name('other') });

  const all = async (name: 'cancel_tasks' | 'retry_tasks', filter: object) => {
    const refused: unknown[] = [];
    let [changed, cursor]: [number, string | undefined] = [0, undefined];
    do {
      const page: Page = await muster.call(name, {
        task_type,
        limit: 3,
        ...filter,
        ...(cursor !== undefined && { cursor }),
      });
      changed += page.changed;
      refused.push(...page.refused);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return { changed, refused };
  };
  const statuses = async () => (await muster.find({ task_type })).map(({ status }) => status).sort();

  expect(await all('cancel_tasks', { dry_run: true })).toEqual({ changed: 6, refused: [] });
  expect(await statuses()).toContain('assigned');
  expect(await all('cancel_tasks', { reason: 'not needed' })).toEqual({ changed: 6, refused: [] });
  expect(await statuses()).toEqual([...Array<string>(6).fill('cancelled'), 'completed']);
  expect((await muster.call('get_agent', { agent_id })).load).toBe(0);
  expect(await muster.task(held)).toMatchObject({ reason: 'not needed' });
  expect(await muster.status(other)).toBe('pending');

  const refusal = [{ task_id: done, code: 'already_ended' }];
  for (const dry_run of [true, false]) {
    expect(await all('cancel_tasks', { status: ['completed', 'cancelled'], dry_run })).toEqual({
      changed: 0,
      refused: refusal,
    });
  }
  expect(await all('retry_tasks', { dry_run: true })).toEqual({ changed: 6, refused: [] });
  expect(await all('retry_tasks', {})).toEqual({ changed: 6, refused: [] });
  expect(await statuses()).toEqual(['completed', ...Array<string>(6).fill('pending')]);
});

test('the dependents of a task are listed page by page', async ({ muster }) => {
  const parent = await muster.create({});
  const children = await muster.create(Array.from({ length: 5 }, () => ({ dependencies: [parent] })));
  const refused = { content: 'x', dependencies: [parent, muster.name('unknown')] };
  await muster.refusal('create_task', refused);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await muster.call('list_dependents', { task_id: parent, limit: 2, cursor });
    expect(page.tasks.length).toBeLessThanOrEqual(2);
    found.push(...page.tasks.map(({ task_id }) => task_id));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  expect(found.sort()).toEqual(children.sort());
});
