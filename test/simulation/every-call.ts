/**
 * Every AWS call of every scenario, with each fault in turn: `every-call.ts [scenario] [--sample 100]`. All runs must
 * end well.
 */
import { parseArgs } from 'node:util';
import { operations } from '#shared/contract/operations.ts';
import { deployment } from './deployment.ts';
import { noFaults } from './faults.ts';
import type { AwsCall, Fate } from './kernel/aws.ts';
import { simulateRuntime } from './kernel/runtime.ts';
import type { Program } from './program/clients.ts';
import { scenarios } from './program/scenarios.ts';
import { Simulation, type Report } from './simulation.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The number of runs to select, evenly spread over calls and faults, and always the same. */
    sample: { type: 'string' },
  },
});

process.env['POWERTOOLS_LOG_LEVEL'] ??= 'SILENT';
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

const fates: Record<string, Fate> = {
  refused: { is: 'denied' },
  throttled: { is: 'throttled' },
  lost: { is: 'lost' },
  repeated: { is: 'unanswered' },
  late: { is: 'late', ms: 12_000 },
  'killed before': { is: 'killed before' },
  'killed after': { is: 'killed after' },
  'delayed before': { is: 'paused before', ms: 70_000 },
  'delayed after': { is: 'paused after', ms: 70_000 },
  stale: { is: 'stale', ms: 5000 },
};

interface Trial {
  scenario: string;
  program: Program;
  call: number;
  fault: string;
  fate: Fate;
}

const deployed = await deployment();
simulateRuntime();

function run(program: Program, chosenFate: (call: AwsCall) => Fate | undefined): Promise<Report> {
  return new Simulation(deployed, { seed: 1, program, faults: noFaults, chosenFate, smallParts: true }).run();
}

/** Only eventually consistent reads can be stale. */
const isEventual = ({ action, input }: AwsCall) =>
  ['GetItem', 'Query', 'BatchGetItem'].includes(action) && !JSON.stringify(input).includes('"ConsistentRead":true');

const successes = new Set<string>();
const trials: Trial[] = [];
for (const [scenario, program] of Object.entries(scenarios)) {
  if (!scenario.includes(positionals[0] ?? '')) continue;
  const calls: AwsCall[] = [];
  const calm = await run(program, (call) => void calls.push(call));
  for (const operation of calm.successes.keys()) successes.add(operation);
  for (const call of calls.slice(0, calm.callsUnderFaults)) {
    for (const [fault, fate] of Object.entries(fates)) {
      if (fault !== 'stale' || isEventual(call)) trials.push({ scenario, program, call: call.n, fault, fate });
    }
  }
}

// An odd step, so that a sample contains all faults.
const step = Math.max(1, Math.floor(trials.length / Number(values.sample ?? trials.length))) | 1;
const chosen = trials.filter((_, n) => n % step === 0);
const ended = new Map<string, { well: number; badly: number }>();
for (const { scenario, program, call, fault, fate } of chosen) {
  const { violations } = await run(program, ({ n }) => (n === call ? fate : undefined));
  // For its caller, a refused call is an error of the service.
  const relevant = violations.filter(
    (one) => !(fate.is === 'denied' && one.invariant === 'no request fails because of a bug'),
  );
  const name = `${scenario}, ${fault}`;
  const count = ended.get(name) ?? { well: 0, badly: 0 };
  ended.set(name, count);
  if (relevant.length === 0) count.well += 1;
  else count.badly += 1;
  if (relevant.length > 0)
    console.log(`${scenario}, call ${call} ${fault}: ${relevant[0]?.invariant}: ${relevant[0]?.detail}`);
}

const shown = Object.keys(scenarios).filter((name) => trials.some(({ scenario }) => scenario === name));
console.log(`| | ${shown.join(' | ')} |\n|---|${shown.map(() => '---:|').join('')}`);
for (const fault of Object.keys(fates)) {
  const counts = shown.map((scenario) => ended.get(`${scenario}, ${fault}`) ?? { well: 0, badly: 0 });
  console.log(`| ${fault} | ${counts.map(({ well, badly }) => `${well} of ${well + badly}`).join(' | ')} |`);
}
const badly = [...ended.values()].reduce((sum, count) => sum + count.badly, 0);
const never = operations.map((one) => one.name).filter((name) => shown.length > 1 && !successes.has(name));
if (never.length > 0) console.log(`In no scenario: ${never.join(', ')}`);
console.log(`${chosen.length - badly} of ${chosen.length} ended well; there are ${trials.length}.`);
process.exitCode = badly + never.length > 0 ? 1 : 0;
