/** `npx @musterhq/dev`: runs Muster from prebuilt functions and a synthesized template until it is stopped. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startDemo } from '#examples/demo/demo.ts';
import { version } from '#shared/contract/version.ts';
import { runUntilStopped } from '../until-stopped.ts';

const { MUSTER_DATA: defaultData = '.muster', PORT: defaultPort = '4800' } = process.env;

const help = `Usage: npx @musterhq/dev [options]

Runs Muster on this machine until Ctrl-C: its functions, tables and queues, its HTTP API and its dashboard.

Options:
  --port <n>     port of the API and the dashboard; 0 is any free port (default: PORT, else 4800)
  --data <path>  folder for the data, with the keys in keys.json (default: MUSTER_DATA, else .muster)
  --demo         run agents that work on a new graph of tasks every few seconds
  --version      print the version
  --help         print this help

MUSTER_DYNAMODB=dynoxide or dynamodb-local chooses the DynamoDB engine. To talk to it: npx @musterhq/cli --help`;

/** The cloud assembly of the package, next to this file's folder. */
const assembly = path.resolve(import.meta.dirname, '../assembly');

const { values, problem } = optionsFrom(process.argv.slice(2));
if (problem !== undefined) {
  console.error(`${problem}\nUse --help for usage.`);
  process.exitCode = 2;
} else if (values.help) {
  console.log(help);
} else if (values.version) {
  console.log(version);
} else {
  await runUntilStopped({
    data: values.data,
    port: values.port,
    portSetting: '--port',
    withPort: (port) => `npx @musterhq/dev --port ${port}`,
    start: async (options) => {
      const [{ startAssembled }, { readAssembly }] = await Promise.all([
        import('../start-assembled.ts'),
        import('../template/cloud-assembly.ts'),
      ]);
      return startAssembled(() => Promise.resolve(readAssembly(assembly)), options);
    },
    ...(values.demo && { alongside: ({ url, keys }) => startDemo({ url, key: keys.admin, say: console.log }) }),
  });
}

function optionsFrom(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    port: { ...text, default: defaultPort },
    data: { ...text, default: defaultData },
    demo: flag,
    version: flag,
    help: { ...flag, short: 'h' },
  };
  const defaults = { port: defaultPort, data: defaultData, demo: false, version: false, help: false };
  try {
    return { values: parseArgs({ args, options }).values, problem: undefined };
  } catch (error) {
    // The rest explains how to pass such arguments, which nobody intended.
    const [first] = (error instanceof Error ? error.message : String(error)).split('. ');
    return { values: defaults, problem: first };
  }
}
