/** The files generated for the SDK match the table of operations. */
import { readFileSync } from 'node:fs';
import { expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod';
import type { Code, Operations, Task } from '#clients/sdk/types.ts';
import { pythonFiles } from '#scripts/python-client.ts';
import { routesFile, routesText } from '#scripts/sdk-routes.ts';
import { methodsFile, methodsText, typesFile, typesText } from '#scripts/sdk-types.ts';
import type { operations } from '#shared/contract/operations.ts';
import type { codes } from '#shared/contract/problem.ts';

type Row = (typeof operations)[number];

/** Operations whose input type in the SDK allows something that the schema refuses. */
type NarrowerInput = {
  [R in Row as Operations[R['name']]['input'] extends z.input<R['input']> ? never : R['name']]: R['name'];
};

/** Operations whose output may be something that the SDK's type does not include. */
type WiderOutput = {
  [R in Row as z.output<R['output']> extends Operations[R['name']]['output'] ? never : R['name']]: R['name'];
};

test.for([
  { name: 'routes', file: routesFile, textNow: routesText },
  { name: 'types', file: typesFile, textNow: typesText },
  { name: 'methods', file: methodsFile, textNow: methodsText },
])('the $name of the SDK match the table of operations', async ({ file, textNow }) => {
  expect(readFileSync(file, 'utf8'), 'out of date: npm run generate').toBe(await textNow());
});

test.for(pythonFiles())('$name of the Python client matches the table of operations', ({ file, text }) => {
  expect(readFileSync(file, 'utf8'), 'out of date: npm run generate').toBe(text);
});

test("the SDK's types allow what the schemas allow", () => {
  expectTypeOf<keyof Operations>().toEqualTypeOf<Row['name']>();
  expectTypeOf<keyof NarrowerInput>().toEqualTypeOf<never>();
  // The schema of the OpenAPI document only says that it is one.
  expectTypeOf<keyof WiderOutput>().toEqualTypeOf<'openapi'>();
  expectTypeOf<Code>().toEqualTypeOf<keyof typeof codes>();
});

test('a task is narrowed by its status', () => {
  const resultOf = (task: Task) => (task.status === 'completed' ? task.execution_duration_ms : task.assigned_to);
  expectTypeOf(resultOf).returns.toEqualTypeOf<number | string | null>();
});
