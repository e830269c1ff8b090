import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { submitGraph } from '#shared/operations/graphs/submit-graph.ts';
import type { Implementation } from '#shared/operations/implement.ts';
import { isReplay } from '#shared/operations/replays.ts';
import { createTask } from '#shared/operations/tasks/create-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createsTask, repeatCall } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

const commitsGraph = ({ action, body }: AwsCall) =>
  action === 'PutItem' && body['ConditionExpression'] !== undefined && JSON.stringify(body['Item']).includes('"G#');

describeOnEngine('the response to a request with an idempotency key', createMusterTables, (context) => {
  const requests: [name: string, Implementation, object, typeof createsTask][] = [
    ['task', createTask, { content: 'work' }, createsTask],
    ['graph', submitGraph, { tasks: [{ key: 'a', content: 'work' }] }, commitsGraph],
  ];

  test.each(requests)(
    'is no replay if only its own write was repeated, because the response was lost: a %s',
    async (_, operation, body, commits) => {
      const ports = new TestPorts(context);
      const request = () => ports.perform(operation, { ...body, idempotency_key: 'once' });
      repeatCall(context.edge, commits);
      expect(isReplay(await request())).toBe(false);
      ports.clock.advance(1);
      expect(isReplay(await request())).toBe(true);
    },
  );
});
