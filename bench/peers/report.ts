import type { Trial } from './trial.ts';

/** A Markdown table of the measurements, each with its ratio to the first row. */
export function describe(trials: readonly Trial[]): string {
  const [first] = trials;
  const over = (value: number, reference: number | undefined) =>
    reference === undefined || Number.isNaN(value) ? '' : ` (${rounded(value / reference)})`;
  const rows = trials.map(({ name, tasksPerSecond, processorTimePerTask, waits, faults }) =>
    [
      name,
      rounded(tasksPerSecond) + over(tasksPerSecond, first?.tasksPerSecond),
      Number.isNaN(processorTimePerTask)
        ? 'not measured'
        : rounded(processorTimePerTask) + over(processorTimePerTask, first?.processorTimePerTask),
      rounded(waits.p50) + over(waits.p50, first?.waits.p50),
      rounded(waits.p99) + over(waits.p99, first?.waits.p99),
      faults.length === 0 ? 'none' : faults.join('; '),
    ].join(' | '),
  );
  return [
    'queue | tasks a second | processor ms a task | ready to started, p50 ms | p99 ms | faults',
    '--- | ---: | ---: | ---: | ---: | ---',
    ...rows,
  ]
    .map((row) => `| ${row} |`)
    .join('\n');
}

/** Rounds to two significant digits. */
const rounded = (value: number) => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2))));
