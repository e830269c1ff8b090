import { describe } from 'vitest';
import { codes } from '#shared/contract/problem.ts';
import { seedTools } from '../support/seed-tools.ts';
import { connections } from '../support/mcp.ts';
import { expect, test } from '../support/muster.ts';

describe.each(connections)('$name', ({ connect }) => {
  test('learns what Muster is for and can do', async ({ muster }) => {
    const session = await connect({ url: muster.url, key: muster.keys.admin });
    expect(session.instructions).toContain('orchestration_create_task');
    expect(session.capabilities).toEqual({ tools: {} });
    expect((await session.tools()).map(({ name }) => name)).toEqual(expect.arrayContaining(seedTools));
  });

  test('takes a task through its whole life with tools alone', async ({ muster }) => {
    const [worker, skill] = muster.names('worker', 'skill');
    const { key } = await muster.call('create_key', { role: 'agent', agent_id: worker });
    const producer = await connect({ url: muster.url, key: muster.keys.producer });
    const agent = await connect({ url: muster.url, key });
    await agent.tools();

    await agent.call('orchestration_register_agent', { capabilities: [skill] });
    const task = { content: 'count to three', requirements: [skill], routing: 'manual' };
    const { structuredContent: created } = await producer.call('orchestration_create_task', task);
    const task_id = created?.['task_id'];

    const claim = await agent.call('orchestration_claim_tasks');
    expect(claim.structuredContent).toMatchObject({ tasks: [{ task_id, attempt: 1, content: 'count to three' }] });
    const report = { task_id, attempt: 1, result: { numbers: [1, 2, 3] } };
    const done = await agent.call('orchestration_complete_task', report);
    expect(done.structuredContent).toMatchObject({ task_id, status: 'completed' });

    const read = await producer.call('orchestration_get_task_status', { task_id });
    expect(read.structuredContent).toMatchObject({ status: 'completed', result: { numbers: [1, 2, 3] } });
    expect(JSON.parse(read.content[0]?.text ?? '')).toEqual(read.structuredContent);
  });

  test('learns how to fix a refused call, and that a tool does not exist', async ({ muster }) => {
    const session = await connect({ url: muster.url, key: muster.keys.admin });
    const { isError, structuredContent, content } = await session.call('orchestration_create_task', {
      contents: 'a typing mistake',
    });
    expect(isError).toBe(true);
    expect(structuredContent).toMatchObject({
      code: 'invalid_input',
      hint: codes.invalid_input.hint,
      errors: [
        { pointer: '/content', message: 'is missing' },
        { pointer: '/contents', message: 'is not a known field; did you mean content?' },
      ],
    });
    expect(content[0]?.text).toContain('/contents: is not a known field; did you mean content?');
    await expect(session.call('orchestration_do_magic')).rejects.toThrow('Unknown tool orchestration_do_magic');
  });
});
