import type { Cost, Laboratory } from '../laboratory.ts';
import type { Line } from '../table.ts';
import { shapeOf } from './shape.ts';

/** The cost of each operation at one size. */
export type Costs = Record<string, Cost>;

/** How costs grow with one number. */
export interface Growth {
  /** What N counts. */
  of: string;
  /** From the smallest to the largest. */
  sizes: readonly number[];
  /** Prepares a Muster; the returned function measures at one size after another. */
  in: (laboratory: Laboratory) => Promise<(size: number) => Promise<Costs>> | ((size: number) => Promise<Costs>);
  /** The rows with a budget, from the costs by size. */
  budgets?: (costs: ReadonlyMap<number, Costs>) => Line[];
}

const columns = ['calls', 'readUnits', 'writeUnits', 'roundTrips'] as const;
const titles = { calls: 'calls', readUnits: 'read units', writeUnits: 'write units', roundTrips: 'round trips' };

/**
 * Measures at each size, printing each result at once, and then how each cost grows.
 * @returns the rows with a budget
 */
export async function grow({ of, sizes, in: prepare, budgets }: Growth, laboratory: Laboratory): Promise<Line[]> {
  const measure = await prepare(laboratory);
  const found = new Map<number, Costs>();
  console.log(`\nGrowth with the number of ${of}`);
  for (const size of sizes) {
    const costs = await measure(size);
    found.set(size, costs);
    for (const [what, cost] of Object.entries(costs)) {
      const numbers = columnsOf(cost).map((column) => `${shown(cost[column]).padStart(7)} ${titles[column]}`);
      console.log(`  ${String(size).padStart(6)}  ${what.padEnd(34)} ${numbers.join('  ')}`);
    }
  }
  const shapes = Object.entries(found.get(sizes[0] ?? 0) ?? {}).flatMap(([what, cost]) =>
    columnsOf(cost).flatMap((column) => {
      const shape = shapeOf([...found].map(([size, costs]) => ({ size, cost: costs[what]?.[column] ?? NaN })));
      return shape ? [`    ${what}: ${shape.replace('#', titles[column])}`] : [];
    }),
  );
  console.log(['  What grows:', ...(shapes.length > 0 ? shapes : ['    nothing'])].join('\n'));
  return budgets?.(found) ?? [];
}

/** What follows from a request has no known sequence of calls. */
const columnsOf = (cost: Cost) => columns.filter((column) => !Number.isNaN(cost[column]));

const shown = (number: number) => String(Math.round(number * 100) / 100);

/** The lowest cost of several runs: a process that is new to something, or has not read it for a while, reads more. */
export async function least(tries: number, run: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let n = 0; n < tries; n += 1) costs.push(await run());
  const smallest = (column: keyof Cost) => Math.min(...costs.map((cost) => cost[column]));
  return {
    calls: smallest('calls'),
    readUnits: smallest('readUnits'),
    writeUnits: smallest('writeUnits'),
    roundTrips: smallest('roundTrips'),
  };
}

/** The ratio of the largest size to the smallest, for each operation and compared column. */
export function ratios(costs: ReadonlyMap<number, Costs>, compared: readonly (keyof Cost)[], budget: number): Line[] {
  const small = Math.min(...costs.keys());
  const large = Math.max(...costs.keys());
  return Object.entries(costs.get(large) ?? {}).flatMap(([what, cost]) =>
    compared.map((column) => {
      const before = costs.get(small)?.[what]?.[column] ?? NaN;
      return { what: `${what}: ${titles[column]}, ${large} over ${small}`, measured: cost[column] / before, budget };
    }),
  );
}
