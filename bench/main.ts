import { parseArgs } from 'node:util';
import { describeBundles, bundleBudget } from '#scripts/bundle.ts';
import { inLaboratory, type Laboratory } from './laboratory.ts';
import { fans } from './measurements/fans.ts';
import { taskLife } from './measurements/life.ts';
import { commonLives } from './measurements/lives.ts';
import { operationCosts } from './measurements/operations.ts';
import { contention } from './measurements/contention.ts';
import { roundTrips } from './measurements/round-trips.ts';
import { agents, backlog } from './measurements/scale.ts';
import { printLines, type Line } from './table.ts';

/**
 * `npm run bench`: counts calls, units and bytes, as AWS bills them, at the edge of a Muster in memory. `--full` measures at
 * the sizes that the budgets name, which takes some minutes; without it at a tenth of them or less. What cannot be measured
 * is told, and the rest is measured.
 */
const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const sizes = values.full
  ? { chain: 5, fan: 1000, backlog: [1000, 100_000], agents: [10, 1000], rounds: 40 }
  : { chain: 5, fan: 100, backlog: [200, 1000], agents: [10, 100], rounds: 20 };
const [smallBacklog = 0, largeBacklog = 0] = sizes.backlog;
const [fewAgents = 0, manyAgents = 0] = sizes.agents;

let [over, failed] = [0, 0];

/** Prints what a measurement brings, or why it brings nothing. */
async function section(title: string, lines: () => Promise<Line[]> | Line[]): Promise<void> {
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
await measured('The whole life of a task with one dependency', (laboratory) => taskLife(laboratory, sizes.chain));
await measured('Other lives, for each task, statistics included', commonLives);
await measured('Calls that follow each other', roundTrips);
await measured('Dependencies', (laboratory) => fans(laboratory, sizes.fan));
await measured('With a backlog', (laboratory) => backlog(laboratory, smallBacklog, largeBacklog));
await measured('With many agents', (laboratory) => agents(laboratory, fewAgents, manyAgents));
await measured('Routers', (laboratory) => contention(laboratory, sizes.rounds));
await section('Bundles, minified and gzipped, in KB', () =>
  describeBundles().map(({ name, gzipped }) => ({ what: name, measured: gzipped / 1024, budget: bundleBudget / 1024 })),
);
console.log(over === 0 ? '\nEverything measured is within its budget.' : `\n${over} over budget.`);
if (failed > 0) {
  console.log(`${failed} could not be measured.`);
  process.exitCode = 1;
}
