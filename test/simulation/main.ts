/** Runs seeds of the simulation, and exits with 1 if an invariant was violated: see README.md. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { operations } from '#shared/contract/operations.ts';
import { deployment } from './deployment.ts';
import { noFaults } from './faults.ts';
import { simulateRuntime } from './kernel/runtime.ts';
import { randomProgram } from './program/random-program.ts';
import { Simulation, type Report } from './simulation.ts';

const { values } = parseArgs({
  options: {
    /** One seed, or a range like 1-200. */
    seed: { type: 'string', default: '1-20' },
    /** Writes a trace to a file. */
    trace: { type: 'boolean', default: false },
    /** Without faults. */
    calm: { type: 'boolean', default: false },
    /** Stops after the first failed seed. */
    stop: { type: 'boolean', default: false },
  },
});

// Functions write logs and metrics to the terminal.
process.env['POWERTOOLS_LOG_LEVEL'] ??= 'SILENT';
process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

const deployed = await deployment();
simulateRuntime();

const [first = 1, last = first] = values.seed.split('-').map(Number);

function tell({ seed, violations, trace }: Report): boolean {
  if (values.trace) writeFileSync(`simulation-${seed}.trace`, trace.join('\n'));
  const first = new Map(violations.map((one) => [one.invariant, one] as const).reverse());
  for (const { invariant, detail, at } of first.values()) {
    console.log(`seed ${seed} at ${at} s: ${invariant}: ${detail}`);
  }
  if (violations.length > 0)
    console.log(`  alone, with its trace: npx node test/simulation/main.ts --seed ${seed} --trace`);
  return violations.length > 0;
}

const successes = new Map<string, number>();
const begun = process.cpuUsage();
const workSeconds = () => process.cpuUsage(begun).user / 1e6;
let [failed, runs, calls, tasks] = [0, 0, 0, 0];
for (let seed = first; seed <= last; seed += 1) {
  const report = await new Simulation(deployed, {
    seed,
    program: randomProgram,
    ...(values.calm && { faults: noFaults }),
  }).run();
  for (const [name, count] of report.successes) successes.set(name, (successes.get(name) ?? 0) + count);
  runs += 1;
  calls += report.calls;
  tasks += report.tasks;
  console.log(`seed ${seed}: ${report.fingerprint}`);
  if (!tell(report)) continue;
  failed += 1;
  if (values.stop) break;
}
const never = operations.map(({ name }) => name).filter((name) => !successes.has(name));
console.log(`${runs} seeds, ${tasks} tasks, ${calls} calls to AWS, ${workSeconds().toFixed(1)} s: ${failed} failed.`);
if (runs >= 20 && never.length > 0) {
  console.log(`Never with success: ${never.join(', ')}.`);
  failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
