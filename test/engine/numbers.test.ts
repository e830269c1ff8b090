import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { awsError } from '#local/edge/call.ts';
import { operations } from '#shared/contract/operations.ts';
import { learnCapability } from '#shared/operations/agents/learn-capability.ts';
import { updateAgentPerformance } from '#shared/operations/agents/update-agent-performance.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { heartbeatTask } from '#shared/operations/work/heartbeat-task.ts';
import { describeOnEngine, type EngineContext } from '../support/dynamodb.ts';
import { followChanges } from '../support/follow-changes.ts';
import { updates } from '../support/interleave.ts';
import { createMusterTables, type MusterTables } from '../support/muster-tables.ts';
import { taskChanges } from '../support/task-changes.ts';
import { empty } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

/** The paths of all numbers in a JSON Schema that may have a fraction. */
function fractions(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, properties, items, anyOf, allOf, oneOf } = schema as Record<string, unknown>;
  const inner = Object.entries(properties ?? {}).flatMap(([name, of]) => fractions(of, `${path}/${name}`));
  const others = [items, anyOf, allOf, oneOf].flat().flatMap((of) => fractions(of, path));
  return [...(type === 'number' ? [path] : []), ...inner, ...others];
}

const allFractions = () =>
  Object.values(operations)
    .flatMap(({ name, input }) =>
      fractions(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })).map((path) => `${name}${path}`),
    )
    .sort();

/** Every number in the tables, as stored by DynamoDB. */
async function storedNumbers({ client, tables }: EngineContext<MusterTables>): Promise<string[]> {
  const scans = [tables.tasks, tables.agents].map((TableName) => client.send(new ScanCommand({ TableName })));
  const items = (await Promise.all(scans)).flatMap(({ Items }) => Items ?? []);
  const numbers: string[] = [];
  JSON.stringify(items, (key, value: unknown) => {
    if (key === 'N') numbers.push(value as string);
    if (key === 'NS') numbers.push(...(value as string[]));
    return value;
  });
  return numbers;
}

describeOnEngine('a number that a caller may send with a fraction', createMusterTables, (context) => {
  test('is stored in whole milliseconds or with three digits, in every operation', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const give = async () => (await ports.give(await ports.create(), 'ada')).id;
    const tiny = 5.6e-17;
    const exercised: Record<string, () => Promise<unknown>> = {
      'complete_task/metrics/duration_ms': async () => {
        for (const duration_ms of [3600000.5, tiny, 1e12, 1e-35, 5e-324]) {
          await ports.perform(completeTask, { task_id: await give(), metrics: { duration_ms } }, 'ada');
        }
      },
      'fail_task/metrics/duration_ms': async () =>
        ports.perform(
          failTask,
          { task_id: await give(), error: 'x', metrics: { duration_ms: tiny }, should_retry: false },
          'ada',
        ),
      'heartbeat_task/progress/percent': async () =>
        ports.perform(heartbeatTask, { task_id: await give(), progress: { percent: 100 / 3 } }, 'ada'),
      'learn_capability/confidence': async () => {
        for (const [n, confidence] of [1 / 3, tiny, 5e-324].entries()) {
          await ports.perform(learnCapability, { agent_id: 'ada', capability: `skill-${n}`, confidence });
        }
      },
      'update_agent_performance/duration_ms': async () => {
        for (const duration_ms of [0.1, tiny, 5e-324]) {
          await ports.perform(updateAgentPerformance, { agent_id: 'ada', success: true, duration_ms });
        }
      },
      'update_agent_performance/metrics/duration_ms': () =>
        ports.perform(updateAgentPerformance, {
          agent_id: 'ada',
          success: false,
          duration_ms: 1,
          metrics: { duration_ms: tiny },
        }),
    };
    // New operations that accept a fraction belong in the list above.
    expect(Object.keys(exercised).sort()).toEqual(allFractions());
    for (const exercise of Object.values(exercised)) await exercise();
    await followChanges(ports, { shardId: 'shard', changes: await taskChanges(context, 20) });

    const numbers = await storedNumbers(context);
    expect(numbers.length).toBeGreaterThan(50);
    expect(numbers.filter((number) => !/^-?\d+(\.\d{1,3})?$/.test(number))).toEqual([]);
    expect(await ports.agent('ada')).toMatchObject({ completed: 8, failed: 2, durationMs: 1e12 + 3_600_001 });
    expect(await ports.statistics.queue()).toMatchObject({ executions: 5, executionMs: 1e12 + 3_600_001 });
  });
});

describeOnEngine('an outcome that DynamoDB cannot count', createMusterTables, (context) => {
  test('still frees the slot', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada');
    const counts = JSON.stringify({ ':duration': { N: '0' } }).slice(1, -1);
    const restore = context.edge.intercept((call, next) =>
      updates(counts)(call)
        ? Promise.resolve(
            awsError('ValidationException', 'Number overflow. Attempting to store a number with magnitude'),
          )
        : next(),
    );
    await ports.perform(completeTask, { task_id: id }, 'ada');
    restore();
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 0, seenAt: ports.clock.now() });
  });
});
