/** Runs seeds without end, from a random one on: `npm run soak`, or `npm run soak -- 1000` to begin at that seed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const seedsAtOnce = 100;

let first = Number(process.argv[2] ?? Math.floor(Math.random() * 1e9));
// Each part in a process of its own: every function instance is a module, which Node never lets go.
for (;;) {
  const seeds = `${first}-${first + seedsAtOnce - 1}`;
  const { signal } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--seed', seeds], {
    stdio: 'inherit',
  });
  if (signal !== null) break;
  first += seedsAtOnce;
}
