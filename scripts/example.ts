/** `npm run example -- <name>`: installs an example, starts a Muster for it, and runs it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { start } from '#local/start.ts';
import { assemble } from './packages.ts';

const examples = path.resolve(import.meta.dirname, '../examples');

const name = process.argv[2] ?? '';
const folder = path.join(examples, name);
const has = (file: string) => /^[\w-]+$/.test(name) && existsSync(path.join(folder, file));
const runners = { 'package.json': nodeProgram, 'requirements.txt': pythonProgram };
const [, prepare] = Object.entries(runners).find(([file]) => has(file)) ?? [];
if (!prepare) {
  console.error('Name an example that installs packages of its own: npm run example -- fleet');
  process.exit(1);
}
const [program, file] = await prepare();
const muster = await start({ quiet: true });
const env = { ...process.env, MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
// Muster runs in this process, so it must not block while the example runs.
const example = spawn(program, [file], { cwd: folder, env, stdio: 'inherit' });
await once(example, 'exit');
await muster.stop();
process.exitCode = example.exitCode ?? 1;

async function nodeProgram(): Promise<[string, string]> {
  await assemble('sdk');
  execFileSync('npm', ['ci'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return [process.execPath, 'main.ts'];
}

/** With an environment that is created once: `pip` takes half a minute. */
function pythonProgram(): Promise<[string, string]> {
  const environment = path.resolve(examples, '../build', `python-example-${name}`);
  const python = path.join(environment, 'bin/python');
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt'];
  execFileSync(python, [...install, path.resolve(examples, '../clients/python')], { cwd: folder, stdio: 'inherit' });
  return Promise.resolve([python, 'main.py']);
}
