/** A listing includes everything that exists throughout, whatever move a task makes between any two pages. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPending, type TaskRecord } from '#shared/domain/task.ts';
import { lived } from '../support/lived.ts';
import { life } from '../support/task-life.ts';
import { entryOf, kinds, later, listed, moves, worldWith } from '../support/task-moves.ts';
import { applied } from '../support/task-model.ts';
import { aTask, aWaitingTask, hour, morning } from '../support/tasks.ts';

describe.each(moves)('$of: $move', ({ of: kind, by }) => {
  test.each([1, 2, 3, 4])('after page %i: nothing is skipped, and nothing is listed twice', async (page) => {
    const { ports, ids, moving } = await worldWith(kind);
    let moved = 0;
    const seen = await listed(ports, page, async () => {
      for (const id of moving) {
        const task = await ports.task(id);
        const transition = by(task, ports.clock.now());
        if (transition && (await ports.tasks.apply(id, transition)).applied) moved += 1;
      }
    });
    expect(moved).toBe(moving.length);
    expect(seen.sort()).toEqual(ids.sort());
  });
});

/** The states between which a task's index entry moves. */
const step = (before: TaskRecord, after: TaskRecord) => `${stateOf(before)} to ${stateOf(after)}`;
const stateOf = (task: TaskRecord) => (isPending(task) && task.dueAt !== undefined ? 'delayed' : task.status);

test('the moves are complete', () => {
  const known = new Set(
    moves.flatMap(({ of: kind, by }) => {
      const task = kinds[kind]('task');
      const transition = by(task, later);
      const after = transition && applied({ task, indexEntry: entryOf(task) }, transition);
      return after ? [step(task, after.task)] : [];
    }),
  );
  const others = new Set<string>();
  const note = ({ states }: ReturnType<typeof lived>) => {
    for (const [n, { task, indexEntry }] of states.entries()) {
      const next = states[n + 1];
      if (!next || JSON.stringify(next.indexEntry) === JSON.stringify(indexEntry)) continue;
      if (!known.has(step(task, next.task))) others.add(step(task, next.task));
    }
  };
  const policies = fc.constantFrom('block', 'cancel');
  fc.assert(fc.property(life(0, 60), (attempts) => note(lived(aTask({ maxAttempts: 2 }), attempts))));
  fc.assert(
    fc.property(life(2, 60), policies, fc.boolean(), (attempts, policy, isLate) =>
      note(lived(aWaitingTask(2, { policy, ...(isLate && { notBefore: morning + hour }) }), attempts)),
    ),
  );
  expect([...others]).toEqual([]);
});
