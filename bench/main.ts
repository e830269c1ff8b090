import { parseArgs } from 'node:util';
import { describeBundles, bundleBudget } from '#scripts/bundle.ts';
import { inLaboratory } from './laboratory.ts';
import { fans } from './measurements/fans.ts';
import { taskLife } from './measurements/life.ts';
import { operationCosts } from './measurements/operations.ts';
import { contention } from './measurements/contention.ts';
import { roundTrips } from './measurements/round-trips.ts';
import { agents, backlog } from './measurements/scale.ts';
import { printLines } from './table.ts';

/**
 * `npm run bench`: counts calls, units and bytes, as AWS bills them, at the edge of a Muster in memory. `--full` measures at
 * the sizes that the budgets name, which takes some minutes; without it at a tenth of them or less.
 */
const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
const sizes = values.full
  ? { chain: 5, fan: 1000, backlog: [1000, 100_000], agents: [10, 1000], rounds: 40 }
  : { chain: 5, fan: 100, backlog: [200, 1000], agents: [10, 100], rounds: 20 };

const costs = await inLaboratory(operationCosts);
console.log('\nEach operation, without what follows from it (DynamoDB calls, read units, write units)');
for (const { operation, calls, readUnits, writeUnits } of costs) {
  console.log(`  ${operation.padEnd(30)} ${[calls, readUnits, writeUnits].map((n) => String(n).padStart(6)).join('')}`);
}
let over = printLines(
  'The whole life of a task with one dependency',
  await inLaboratory((laboratory) => taskLife(laboratory, sizes.chain)),
);
over += printLines('Calls that follow each other', await inLaboratory(roundTrips));
over += printLines('Dependencies', await inLaboratory((laboratory) => fans(laboratory, sizes.fan)));
const [smallBacklog = 0, largeBacklog = 0] = sizes.backlog;
over += printLines(
  'With a backlog',
  await inLaboratory((laboratory) => backlog(laboratory, smallBacklog, largeBacklog)),
);
const [fewAgents = 0, manyAgents = 0] = sizes.agents;
over += printLines('With many agents', await inLaboratory((laboratory) => agents(laboratory, fewAgents, manyAgents)));
over += printLines('Routers', await inLaboratory((laboratory) => contention(laboratory, sizes.rounds)));
over += printLines(
  'Bundles, minified and gzipped, in KB',
  describeBundles().map(({ name, gzipped }) => ({ what: name, measured: gzipped / 1024, budget: bundleBudget / 1024 })),
);
console.log(over === 0 ? '\nEverything is within its budget.' : `\n${over} over budget.`);
