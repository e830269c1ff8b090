/** `npm run example -- <name>`: installs an example, starts a Muster of its own and runs the example on it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { start } from '#local/start.ts';
import { assemble } from './packages.ts';

const examples = path.resolve(import.meta.dirname, '../examples');

const name = process.argv[2] ?? '';
const folder = path.join(examples, name);
if (!/^[\w-]+$/.test(name) || !existsSync(path.join(folder, 'package.json'))) {
  console.error('Name an example that has a package.json: npm run example -- fleet');
  process.exit(1);
}
await assemble('sdk');
execFileSync('npm', ['ci'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
const muster = await start({ quiet: true });
const env = { ...process.env, MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
// Muster runs in this process, which must not wait for another without answering it.
const example = spawn(process.execPath, ['main.ts'], { cwd: folder, env, stdio: 'inherit' });
await once(example, 'exit');
await muster.stop();
process.exitCode = example.exitCode ?? 1;
