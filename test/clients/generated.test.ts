/** The output of common generators for the OpenAPI document compiles and works with a running Muster. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { installInto, isPythonHere, makeEnvironment } from '#scripts/packages/python-environment.ts';
import { expect, test } from '../support/muster.ts';
import { within } from '../support/patience.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** Packages are downloaded and installed. */
const slow = { timeout: 600_000 };

/** Creates a folder with the programs that use the clients and a Muster's document, until the end of the test. */
async function startProject(muster: TestMuster) {
  const folder = mkdtempSync(path.join(tmpdir(), 'muster-generated-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(path.join(import.meta.dirname, '../generators'), folder, { recursive: true });
  const document = await fetch(`${muster.url}/openapi.json`);
  writeFileSync(path.join(folder, 'openapi.json'), await document.text());

  /** Runs a program, which must succeed, and returns its output. */
  async function run(program: string, args: string[], more: Record<string, string> = {}): Promise<string> {
    // Variables set by `npm run` would affect the npm run here.
    const inherited = Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_'));
    const child = spawn(program, args, { cwd: folder, env: { ...Object.fromEntries(inherited), ...more } });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [printed, all]: [string[], string[]] = [[], []];
    child.stdout.on('data', (text: Buffer) => printed.push(text.toString()) + all.push(text.toString()));
    child.stderr.on('data', (text: Buffer) => all.push(text.toString()));
    const what = () => `the end of ${program} ${args.join(' ')}, which wrote so far\n${all.join('')}`;
    const [code] = (await within(once(child, 'close'), what, 240_000)) as [number | null];
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${all.join('')}`);
    return printed.join('');
  }

  return {
    folder,
    run,
    /** Runs a program that uses this client, with its own agent and skill. */
    use: async (client: string, program: string, file: string): Promise<unknown> => {
      const [AGENT, SKILL] = muster.names(`agent-of-${client}`, `skill-of-${client}`);
      const environment = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin, AGENT, SKILL };
      return JSON.parse(await run(program, [file], environment));
    },
  };
}

const outcome = {
  status: 'completed',
  result: 'hello',
  poll_after_ms: 0,
  listed: 1,
  isUnknown: true,
  isNonsense: false,
};

test('typescript: openapi-typescript with openapi-fetch, and @hey-api/openapi-ts', slow, async ({ muster }) => {
  const { folder, run, use } = await startProject(muster);
  const modules = path.join(folder, 'node_modules');
  const runModule = (file: string, ...args: string[]) => run(process.execPath, [path.join(modules, file), ...args]);
  await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline']);
  await runModule('openapi-typescript/bin/cli.js', 'openapi.json', '--output', 'generated/openapi-typescript.d.ts');
  await runModule('@hey-api/openapi-ts/bin/run.js', '--input', 'openapi.json', '--output', 'generated/hey-api');
  await runModule('typescript/bin/tsc', '--project', '.');

  for (const client of ['openapi-fetch', 'hey-api']) {
    const outfile = path.join(folder, `${client}.mjs`);
    const entryPoints = [path.join(folder, `${client}.ts`)];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' });
    expect(await use(client, process.execPath, outfile)).toEqual(outcome);
  }
});

test('python: openapi-python-client', slow, async ({ muster, skip }) => {
  skip(!isPythonHere && process.env['CI'] === undefined, 'Python 3.11 with venv is not installed');
  const { folder, run, use } = await startProject(muster);
  const environment = path.join(folder, 'venv');
  const bin = path.join(environment, 'bin');
  const python = path.join(bin, 'python');
  await makeEnvironment(environment);
  await installInto(environment, ['--requirement', path.join(folder, 'requirements.txt')]);
  // It looks there for the program that formats its output.
  const PATH = [bin, process.env['PATH']].join(path.delimiter);
  const generator = ['generate', '--path', 'openapi.json', '--meta', 'none', '--fail-on-warning'];
  await run(path.join(bin, 'openapi-python-client'), generator, { PATH });
  await run(python, ['-m', 'compileall', '-q', 'muster_client']);
  expect(await use('python', python, 'openapi-python-client.py')).toEqual(outcome);
});
