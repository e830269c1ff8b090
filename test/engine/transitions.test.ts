import fc from 'fast-check';
import { expect, test } from 'vitest';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { indexKeys } from '#shared/adapters/item-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { DynamoDbTasks } from '#shared/adapters/tasks.ts';
import { take } from '#shared/domain/holding.ts';
import { holdOf, type TaskRecord } from '#shared/domain/task.ts';
import { shows } from '#shared/domain/transition.ts';
import { describeOnEngine, dynamoDbAt } from '../support/dynamodb.ts';
import { holdFirst, loseAnswer, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { applied, marked, type Stored } from '../support/task-model.ts';
import { edgeTo, life, transitionOf, type Attempt } from '../support/task-life.ts';
import { anOffer, aTask, aWaitingTask, hour } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

const policy = fc.constantFrom('block', 'cancel', 'run_anyway');

describeOnEngine('a task in DynamoDB', createMusterTables, (context) => {
  /** Applies the same attempts to a task in memory and in DynamoDB, and compares the results. */
  async function live(ports: TestPorts, task: TaskRecord, attempts: readonly Attempt[]): Promise<void> {
    const indexEntry =
      task.status === 'waiting'
        ? { in: 'checks' as const, at: ports.clock.now() }
        : {
            in: 'lane' as const,
            lane: task.lane,
            routing: task.routing,
            order: '0',
            timeoutMs: task.timeoutMs,
            attempt: task.attempt,
          };
    await ports.store(task, indexEntry);
    const states: Stored[] = [{ task, indexEntry }];
    for (const [n, attempt] of attempts.entries()) {
      ports.clock.advance(attempt.later);
      const present = states.at(-1) as Stored;
      const seen = (states.at(-1 - attempt.behind) ?? present).task;
      if (attempt.action === 'mark' && task.need > 0) {
        const edge = edgeTo(seen, attempt.ordinal);
        states.push(marked(present, attempt.ordinal, attempt.mark));
        expect(await ports.tasks.recordDependency(edge, attempt.mark, ports.clock.now())).toEqual(states.at(-1)?.task);
      } else {
        const transition = transitionOf(attempt, seen, `${ports.clock.now().toString(36)}.${n}`, ports.clock.now());
        if (!transition) continue;
        const next = applied(present, transition);
        const isMade = next !== undefined || shows(present.task, transition);
        if (next) states.push(next);
        const outcome = await ports.tasks.apply(task.id, transition);
        expect(outcome).toEqual({ applied: isMade, task: states.at(-1)?.task });
      }
    }
    const last = states.at(-1) as Stored;
    const { g, h, a = null } = await ports.item(task.id);
    expect({ g, h, a }).toEqual(indexKeys(task.id, last.indexEntry));
  }

  test('changes as the guards and changes say, whatever is attempted', async () => {
    const ports = new TestPorts(context);
    let tasks = 0;
    const runs = { numRuns: 12 };
    const named = (task: TaskRecord) => ({ ...task, id: `task-${(tasks += 1)}` });
    const independent = fc.asyncProperty(life(0, 20), (attempts) => live(ports, named(aTask()), attempts));
    await fc.assert(independent, runs);
    const dependent = fc.asyncProperty(life(2, 20), policy, (attempts, how) =>
      live(ports, named(aWaitingTask(2, { policy: how })), attempts),
    );
    await fc.assert(dependent, runs);
  });

  test('recognizes a write whose response was lost, and does not repeat it', async () => {
    const ports = new TestPorts(context);
    await ports.store(aTask());
    const taken = take({ timeoutMs: hour }, anOffer(), ports.clock.now(), ports.settings);
    loseAnswer(context.edge, updates('T#task-1'));
    await expect(ports.tasks.apply('task-1', taken)).rejects.toThrow();
    expect(await ports.tasks.apply('task-1', taken)).toMatchObject({ applied: true, task: { attempt: 1 } });
    expect(await ports.tasks.apply('task-1', taken)).toMatchObject({ applied: true, task: { attempt: 1 } });
  });

  test('is written once by a client that gave up and retried, even if its first try arrives last', async () => {
    const ports = new TestPorts(context);
    await ports.store(aTask());
    const held = holdFirst(context.edge, updates('T#task-1'));
    const client = awsClient(dynamoDbAt(context.edge), 1000);
    const tasks = new DynamoDbTasks(new Table(client, context.tables.tasks), ports.clock, ports.settings, ports.lanes);
    const taken = take({ timeoutMs: hour }, anOffer(), ports.clock.now(), ports.settings);

    expect(await tasks.apply('task-1', taken)).toMatchObject({ applied: true, task: { attempt: 1 } });
    const item = await ports.item('task-1');
    await held.release();
    expect(await ports.item('task-1')).toEqual(item);
    client.destroy();
  });

  test('is offered to 64 agents at once and taken by one', async () => {
    const ports = new TestPorts(context);
    await ports.store(aTask());
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) => {
        const offer = anOffer({ agentId: `agent-${n}`, token: `token-${n}`, start: n % 2 === 0 });
        return ports
          .another()
          .tasks.apply('task-1', take({ timeoutMs: hour }, offer, ports.clock.now(), ports.settings));
      }),
    );
    const winners = outcomes.filter((outcome) => outcome.applied);
    expect(winners).toHaveLength(1);
    const holders = new Set(outcomes.map(({ task }) => task && holdOf(task)?.agentId));
    expect([...holders]).toEqual([winners[0] && holdOf(winners[0].task)?.agentId]);
    expect((await ports.task('task-1')).attempt).toBe(1);
  });
});
