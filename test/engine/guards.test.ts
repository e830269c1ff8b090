import { expect, test } from 'vitest';
import { describeOnEngine } from '../support/dynamodb.ts';
import { guardCases } from '../support/guard-cases.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { holds } from '../support/task-model.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('a change under a condition', createMusterTables, (context) => {
  test('is made only if every clause of the condition holds', async () => {
    const ports = new TestPorts(context);
    const tried = Object.entries(guardCases).flatMap(([name, { guard, holds: accepted, refuses }]) =>
      Object.entries({ ...accepted, ...refuses }).map(([what, task]) => {
        const id = `${name}-${what}`.replaceAll(/\W/g, '-');
        return { what: `${name}: a task that ${what}`, guard, task: { ...task, id }, isAccepted: what in accepted };
      }),
    );
    const told = (outcome: (one: (typeof tried)[number]) => boolean) =>
      Object.fromEntries(tried.map((one) => [one.what, outcome(one) ? 'changed' : 'refused']));

    const changed = new Set<string>();
    for (const { task, guard } of tried) {
      await ports.store(task);
      const { applied } = await ports.tasks.apply(task.id, { guard, change: { set: { retryCount: 7 } } });
      expect((await ports.task(task.id)).retryCount === 7).toBe(applied);
      if (applied) changed.add(task.id);
    }

    expect(told(({ task }) => changed.has(task.id))).toEqual(told(({ isAccepted }) => isAccepted));
    expect(told(({ guard, task }) => holds(guard, task))).toEqual(told(({ isAccepted }) => isAccepted));
  });
});
