/** The SDK as users install it: packed, installed into an empty folder and used there. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe } from 'vitest';
import { strayFiles } from '#scripts/packages/pack.ts';
import { recipes } from '#scripts/packages.ts';
import { expect, test } from '../support/muster.ts';
import { installed } from './install.ts';
import { bun, deno, missing, node20, node22, node24 } from './runtimes.ts';

const tsc = path.resolve('node_modules/typescript/bin/tsc');

let consumer: Awaited<ReturnType<typeof installed>>;
beforeAll(async () => {
  consumer = await installed('sdk');
});

/** Creates a task, works on it with an agent, and prints the result and a refusal. */
const body = `
const { MUSTER_URL: url, MUSTER_KEY: key, NAME: name } = process.env;
const client = new MusterClient({ url, key });
const agent = runAgent({
  url, key, id: name, capabilities: [name],
  handler: ({ task }) => task.content.toUpperCase(),
});
client.createTask({ content: 'hello', requirements: [name] })
  .then((task) => client.waitFor(task))
  .then(async ({ status, result }) => {
    const refused = await client.getTask({ task_id: 'nobody' }).catch((error) => error);
    console.log(status, result, refused instanceof MusterError, refused.code);
    await agent.stop();
  });
`;
const programs = {
  'esm.mjs': `import { MusterClient, MusterError } from '@musterhq/sdk';
import { runAgent } from '@musterhq/sdk/worker';
${body}`,
  'cjs.cjs': `const { MusterClient, MusterError } = require('@musterhq/sdk');
const { runAgent } = require('@musterhq/sdk/worker');
${body}`,
};

describe.for(Object.entries(programs))('%s', ([file, text]) => {
  test.for([node20, node22, node24, bun, deno])(
    'creates and completes a task on $name',
    async (runtime, { muster, skip }) => {
      const why = missing(runtime);
      if (why !== undefined) skip(why);
      consumer.write(file, text);
      const environment = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin, NAME: muster.name('sdk') };
      expect(await consumer.runOn(runtime, file, environment)).toBe('completed HELLO true task_not_found\n');
    },
  );
});

const typed = `import { MusterClient, MusterError, type Task } from '@musterhq/sdk';
import { NotMe, runAgent, type Work } from '@musterhq/sdk/worker';

export async function use(client: MusterClient): Promise<string | null> {
  const task: Task = await client.createTask({ content: 'x', priority: 'high' });
  // @ts-expect-error -- not a priority
  await client.createTask({ content: 'x', priority: 'huge' });
  for await (const { title } of client.tasks({ status: ['failed'] })) title.trim();
  return task.status === 'completed' ? task.completed_at : task.assigned_to;
}
export const isLate = (error: unknown) => error instanceof MusterError && error.code === 'stale_attempt';
export const agent = () =>
  runAgent({ url: '', key: '', id: 'a', capabilities: [], handler: ({ task }: Work) => { throw new NotMe(task.title); } });
`;

test.for(['true', 'false'])('passes tsc --strict with skipLibCheck %s', async (skipLibCheck) => {
  const files = ['typed.mts', 'typed.cts'];
  for (const file of files) consumer.write(file, typed);
  const strict = ['--strict', '--noEmit', '--exactOptionalPropertyTypes', '--skipLibCheck', skipLibCheck];
  const target = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom'];
  expect(await consumer.run(process.execPath, [tsc, ...strict, ...target, ...files])).toBe('');
});

test('the client alone runs in a browser: it imports nothing from Node.js', async () => {
  consumer.write('page.mjs', "export { MusterClient } from '@musterhq/sdk';");
  const entryPoints = [path.join(consumer.folder, 'page.mjs')];
  const { metafile } = await build({ entryPoints, bundle: true, platform: 'browser', write: false, metafile: true });
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

test('it has no dependencies, no stray files, and at most 40 KB of code', () => {
  const { files, folder, home, manifest } = consumer;
  expect(manifest).not.toHaveProperty('dependencies');
  const others = readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(others).toEqual(['@musterhq']);
  expect(strayFiles(home, files, recipes.sdk.files)).toEqual([]);
  for (const kind of ['esm', 'cjs']) {
    const code = files.filter((file) => file.path.startsWith(kind) && file.path.endsWith('.js'));
    expect(code.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(40_000);
  }
});
