import { limits } from '../../../shared/contract/limits.ts';
import type { InputOf } from '../../support/operation-request.ts';
import type { TestMuster } from '../../support/test-muster.ts';
import type { Words } from './words.ts';

/** Paths of pages by what they show. */
export type Pages = Record<string, string>;

/** Creates something of everything that a page can show, with these texts, and returns the pages that show it. */
export async function makeWorld(muster: TestMuster, { text, name }: Words): Promise<Pages> {
  const [skill, missing, type] = [name(muster.name('skill')), name(muster.name('missing')), name(muster.name('type'))];
  const metadata = { [text('team', 64)]: text('search', 1500), list: [1, true, null, { [text('key', 64)]: 2 }] };
  const register = async (agent: string, capabilities: string[]) => {
    const agent_id = name(muster.name(agent));
    const host = text('host-1', limits.hostBytes);
    await muster.call('register_agent', { agent_id, capabilities, instance: 'process-1', host, metadata });
    return agent_id;
  };
  const [agent_id] = await Promise.all([register('agent', [skill]), register('unskilled', [name('markdown')])]);

  const work = (more: Partial<InputOf<'create_task'>> = {}) => ({
    content: `${text('Write the report', limits.contentBytes / 8)}\n\tsecond line`,
    title: cutCharacters(text('Write the report', limits.titleLength), limits.titleLength),
    task_type: type,
    requirements: [skill],
    metadata,
    max_attempts: 1,
    ...more,
  });
  const create = (more?: Partial<InputOf<'create_task'>>) => muster.create(work(more));
  const assigned = async () => {
    const task_id = await create();
    await muster.call('assign_task', { task_id, agent_id });
    return task_id;
  };
  const running = async () => {
    const task_id = await assigned();
    await muster.call('start_task', { task_id });
    return task_id;
  };
  const completed = async (result: InputOf<'complete_task'>['result']) => {
    const task_id = await running();
    await muster.call('complete_task', { task_id, result });
    return task_id;
  };

  const failed = await running();
  await muster.call('fail_task', { task_id: failed, error: text('exit code 1', limits.errorLength) });
  const underWay = await running();
  const progress = { percent: 40, message: text('reading sources', limits.progressMessageLength) };
  await muster.call('heartbeat_task', { task_id: underWay, progress });
  const cancelled = await create();
  await muster.call('cancel_task', { task_id: cancelled, reason: text('not needed', limits.reasonLength) });
  const pending = await create();
  const tasks = {
    failed,
    cancelled,
    pending,
    'a running task': underWay,
    'an assigned task': await assigned(),
    'a task with a text as its result': await completed(text('done', 20_000)),
    'a task with an object as its result': await completed({ [text('summary', 64)]: [text('done', 20_000), metadata] }),
    'a task that no agent can do': await create({ requirements: [missing] }),
    'a waiting task': await create({ dependencies: [pending] }),
    'a blocked task': await create({ dependencies: [failed] }),
  };

  const key = (plain: string) => text(plain, limits.graphKeyBytes - 2) + plain;
  const { graph_id = '', tasks: keyed = {} } = await muster.call('submit_graph', {
    title: cutCharacters(text('Weekly report', limits.titleLength), limits.titleLength),
    tasks: [
      { ...work(), routing: 'manual', key: key('a') },
      { ...work(), routing: 'manual', key: key('b'), dependencies: [key('a')] },
    ],
  });
  await muster.call('create_key', { role: 'agent', agent_id, name: text('key of the agent', 100) });

  return {
    'the overview': '/',
    'the list of tasks': `/tasks?task_type=${encodeURIComponent(type)}`,
    'an empty list of tasks': `/tasks?task_type=${encodeURIComponent(missing)}&agent_id=${agent_id}`,
    ...Object.fromEntries(Object.entries(tasks).map(([what, id]) => [what, `/tasks/${id}`])),
    'a task that does not exist': `/tasks/${muster.name('nothing')}`,
    'the graphs': '/graphs',
    'a graph': `/graphs/${graph_id}`,
    "a task's graph": `/graphs/${graph_id}?task=${keyed[key('a')] ?? ''}`,
    'a graph as a table': `/graphs/${graph_id}?as=table`,
    'the agents': '/agents',
    'an agent': `/agents/${agent_id}`,
    'an agent that does not exist': `/agents/${muster.name('nobody')}`,
    'the keys': '/keys',
    'the connect page': '/connect',
    'a nonexistent page': '/nothing',
  };
}

const cutCharacters = (text: string, characters: number) => {
  const cut = text.slice(0, characters);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
};
