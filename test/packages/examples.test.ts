/** The examples with their own packages, each copied, installed and run as its README says. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { assemble } from '#scripts/packages.ts';
import { beforeAll } from 'vitest';
import { expect, test } from '../support/muster.ts';

const execute = promisify(execFile);

/** The limit of one program, whose error includes its name and output. */
const timeout = 100_000;
const examples = path.resolve('examples');
const tsc = path.resolve('node_modules/typescript/bin/tsc');

/** A folder in which the examples find the SDK at the same path as in this repository. */
let copy: string;
beforeAll(async () => {
  copy = mkdtempSync(path.join(tmpdir(), 'muster-examples-'));
  await assemble('sdk', path.join(copy, 'build/packages/sdk'));
}, 120_000);

test.for(['vercel-ai', 'fleet', 'mcp-agent'])(
  '%s does what its README says',
  { timeout: 300_000 },
  async (name, { muster }) => {
    const cwd = path.join(copy, 'examples', name);
    cpSync(path.join(examples, name), cwd, { recursive: true, filter: (file) => !file.includes('node_modules') });
    await execute('npm', ['ci', '--prefer-offline'], { cwd, timeout });
    const env = { ...process.env, MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
    const { stdout } = await execute(process.execPath, ['main.ts'], { cwd, timeout, env });
    const [, printed] = /```text\n(.*?)```/s.exec(readFileSync(path.join(cwd, 'README.md'), 'utf8')) ?? [];
    expect(stdout).toBe(printed);

    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    const types = [
      '--allowImportingTsExtensions',
      '--types',
      'node',
      '--typeRoots',
      path.resolve('node_modules/@types'),
    ];
    const checked = execute(process.execPath, [tsc, ...options, ...types, 'main.ts'], { cwd, timeout });
    expect(
      await checked.then(
        ({ stdout }) => stdout,
        (error: unknown) => (error as { stdout: string }).stdout,
      ),
    ).toBe('');
  },
);
