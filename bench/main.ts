import { parseArgs } from 'node:util';
import { describeBundles, bundleBudget } from '#scripts/bundle.ts';
import { lifeLines } from './bill.ts';
import { grow } from './growth/growth.ts';
import { growths } from './growth/index.ts';
import { inLaboratory, type Laboratory } from './laboratory.ts';
import { lives, measureLife } from './measurements/dependent-lives.ts';
import { taskLife } from './measurements/life.ts';
import { commonLives } from './measurements/lives.ts';
import { operationCosts } from './measurements/operations.ts';
import { contention } from './measurements/contention.ts';
import { roundTrips } from './measurements/round-trips.ts';
import { printLines, type Line } from './table.ts';

/**
 * `npm run bench`: counts calls, units and bytes, as AWS bills them, at the edge of a Muster in memory. `--full`
 * measures growth at all sizes, which takes a quarter of an hour; without it, at a tenth of them or less. `--only WORD`
 * runs the sections with that word in their title. Sections that fail are reported, and the others continue.
 */
const { values } = parseArgs({
  options: { full: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const rounds = values.full ? 40 : 20;

let [over, failed] = [0, 0];

/** Prints the results of a measurement, or why there are none. */
async function section(title: string, lines: () => Promise<Line[]> | Line[]): Promise<void> {
  if (!title.toLowerCase().includes(values.only.toLowerCase())) return;
  try {
    over += printLines(title, await lines());
  } catch (error) {
    failed += 1;
    console.log(`\n${title}\n  could not be measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const measured = (title: string, run: (laboratory: Laboratory) => Promise<Line[]>) =>
  section(title, () => inLaboratory(run));

await section('Each operation, without what follows from it: DynamoDB calls; read and write units beside', async () =>
  (await inLaboratory(operationCosts)).map(({ operation, calls, readUnits, writeUnits }) => ({
    what: operation,
    measured: calls,
    note: `${readUnits} read, ${writeUnits} write`,
  })),
);
await measured('The whole life of a task with one dependency', (laboratory) => taskLife(laboratory, 5));
await measured('Other lives, for each task, statistics included', commonLives);
for (const life of lives)
  await measured(`A task with one dependency, ${life.what}`, async (laboratory) =>
    lifeLines(await measureLife(laboratory, life, rounds / 4), life),
  );
await measured('Calls that follow each other', roundTrips);
await measured('Routers', (laboratory) => contention(laboratory, rounds));
for (const growth of growths(values.full))
  await measured(`Growth with the number of ${growth.of}, what has a budget`, (laboratory) => grow(growth, laboratory));
await section('Bundles, minified and gzipped, in KB', () =>
  describeBundles().map(({ name, gzipped }) => ({ what: name, measured: gzipped / 1024, budget: bundleBudget / 1024 })),
);
console.log(over === 0 ? '\nEverything measured is within its budget.' : `\n${over} over budget.`);
if (failed > 0) {
  console.log(`${failed} could not be measured.`);
  process.exitCode = 1;
}
