import { expect, test } from 'vitest';
import { explainTask } from '#shared/operations/tasks/explain-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('the explanation of a task', createMusterTables, (context) => {
  test('that is assigned between the reads does not name its own agent as full', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', [], 1);
    const task = await ports.create();
    const readsAgents = ({ body }: { body: Record<string, unknown> }) => JSON.stringify(body).includes('A#ada');
    beforeCall(context.edge, readsAgents, () => ports.another().give(task, 'ada'));
    const explained = await ports.another().perform(explainTask, { task_id: task.id });
    expect(explained).toMatchObject({ status: 'running', state: 'held', held_by: 'ada' });
  });
});
