/** Each call to AWS of six scenarios, with each fault in turn: `every-call.ts [scenario]`. All must end well. */
import { operations } from '#shared/contract/operations.ts';
import { deployment } from './deployment.ts';
import { noFaults } from './faults.ts';
import type { AwsCall, Fate } from './kernel/aws.ts';
import { simulateRuntime } from './kernel/runtime.ts';
import { isKnown } from './known-faults.ts';
import type { Program } from './program/clients.ts';
import { scenarios } from './program/scenarios.ts';
import { Simulation, type Report } from './simulation.ts';

process.env['POWERTOOLS_LOG_LEVEL'] ??= 'SILENT';
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

const fates: Record<string, Fate> = {
  refused: { is: 'denied' },
  throttled: { is: 'throttled' },
  lost: { is: 'lost' },
  'repeated, its answer being lost': { is: 'unanswered' },
  'killed before': { is: 'killed before' },
  'killed after': { is: 'killed after' },
  'delayed before': { is: 'paused before', ms: 70_000 },
  'delayed after': { is: 'paused after', ms: 70_000 },
  stale: { is: 'stale', ms: 5000 },
};

const deployed = await deployment();
simulateRuntime();

function run(program: Program, chosenFate: (call: AwsCall) => Fate | undefined): Promise<Report> {
  return new Simulation(deployed, { seed: 1, program, faults: noFaults, chosenFate }).run();
}

const chosen = Object.entries(scenarios).filter(([name]) => name.includes(process.argv[2] ?? ''));
const successes = new Set<string>();
let [runs, bad] = [0, 0];
for (const [name, program] of chosen) {
  const calm = await run(program, () => undefined);
  for (const operation of calm.successes.keys()) successes.add(operation);
  const before = { runs, bad };
  for (const [fault, fate] of Object.entries(fates)) {
    for (let n = 1; n <= calm.callsUnderFaults; n += 1) {
      const { violations } = await run(program, (call) => (call.n === n ? fate : undefined));
      // A refused call is an error of the service to whoever made it.
      const told = violations.filter(
        (one) => !isKnown(one) && !(fate.is === 'denied' && one.invariant === 'no request fails by a bug'),
      );
      runs += 1;
      if (told.length === 0) continue;
      bad += 1;
      console.log(`${name}, call ${n} ${fault}: ${told[0]?.invariant}: ${told[0]?.detail}`);
    }
  }
  console.log(`${name}: ${calm.callsUnderFaults} calls, ${runs - before.runs} runs, ${bad - before.bad} ended badly`);
}
const never = operations.map((one) => one.name).filter((name) => chosen.length > 1 && !successes.has(name));
if (never.length > 0) console.log(`In no scenario: ${never.join(', ')}`);
console.log(`${runs - bad} of ${runs} ended well.`);
process.exitCode = bad + never.length > 0 ? 1 : 0;
