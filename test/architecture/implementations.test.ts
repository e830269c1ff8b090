import { expect, test } from 'vitest';
import { operations } from '#shared/contract/operations.ts';
import { implement } from '#shared/operations/implement.ts';
import { implementations, type Implementations } from '#shared/operations/index.ts';

const { get_task, drain_agent, resume_agent, ...others } = implementations;

/** Code that the compiler must refuse: an expect-error directive without an error is itself one. */
export const refused: readonly unknown[] = [
  {
    ...others,
    drain_agent,
    resume_agent,
    // @ts-expect-error a row has no entry
  } satisfies Implementations,
  {
    ...implementations,
    // @ts-expect-error no row has this name
    get_tasks: get_task,
  } satisfies Implementations,
  {
    ...others,
    get_task,
    // @ts-expect-error it is swapped with one of the same input and output
    drain_agent: resume_agent,
    // @ts-expect-error the other one
    resume_agent: drain_agent,
  } satisfies Implementations,
  // @ts-expect-error it returns what another row answers
  implement(get_task.contract, drain_agent.run),
];

test('every operation in the table has its implementation, in the same order', () => {
  expect(Object.entries(implementations).map(([name, { contract }]) => [name, contract])).toEqual(
    operations.map((row) => [row.name, row]),
  );
});
