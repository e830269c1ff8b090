/** Runs seeds endlessly, from a random one: `npm run soak`, or from a given seed: `npm run soak -- 1000`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const seedsAtOnce = 100;

let first = Number(process.argv[2] ?? Math.floor(Math.random() * 1e9));
// Each part runs in its own process: every function instance is a module, which Node.js never frees.
for (;;) {
  const seeds = `${first}-${first + seedsAtOnce - 1}`;
  const { signal } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--seed', seeds], {
    stdio: 'inherit',
  });
  if (signal !== null) break;
  first += seedsAtOnce;
}
