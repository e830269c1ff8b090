/**
 * Applies the mutations one after another and prints which of them the simulation misses: `mutations.ts [part of a
 * name]`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutations } from './mutation-list.ts';

const here = import.meta.dirname;
const seeds = process.env['SEEDS'] ?? '1-40';
const chosen = mutations.filter(({ name }) => name.includes(process.argv[2] ?? ''));

let unseen = 0;
for (const { name, file, text, unseen: why } of chosen) {
  if (readFileSync(join(here, '../..', file), 'utf8').split(text).length !== 2) {
    unseen += 1;
    console.log(`STALE: ${name}\n  ${file} does not have exactly once: ${text}`);
    continue;
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', join(here, 'mutate.ts'), join(here, 'main.ts'), '--seed', seeds, '--stop'],
    { encoding: 'utf8', env: { ...process.env, MUTATION: name } },
  );
  const seen = /^seed \d+ at .*$/m.exec(stdout)?.[0];
  if (status !== 0 && seen === undefined) throw new Error(`${name}: ${stderr.slice(0, 1000)}`);
  if (seen === undefined && why === undefined) unseen += 1;
  console.log(`${seen === undefined ? 'NOT SEEN' : 'seen'}: ${name}\n  ${(seen ?? why ?? '').slice(0, 160)}`);
}
console.log(`${chosen.length} mutations, ${unseen} were not seen, or are stale, and should be.`);
process.exitCode = unseen > 0 ? 1 : 0;
