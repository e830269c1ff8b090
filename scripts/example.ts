/** `npm run example -- <name>`: installs an example, starts a Muster of its own and runs the example on it. */
import { execFileSync } from 'node:child_process';
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
try {
  const env = { ...process.env, MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
  execFileSync(process.execPath, ['main.ts'], { cwd: folder, env, stdio: 'inherit' });
} catch {
  // It has said itself what went wrong.
  process.exitCode = 1;
} finally {
  await muster.stop();
}
