import type { Cost, Laboratory } from '../laboratory.ts';
import type { Line } from '../table.ts';
import { shapeOf } from './shape.ts';

/** What each thing costs at one size. */
export type Costs = Record<string, Cost>;

/** How costs grow with one number. */
export interface Growth {
  /** Of what there are N. */
  of: string;
  /** From the smallest to the largest. */
  sizes: readonly number[];
  /** Gets a Muster, and measures in it at each of the sizes in turn. */
  in: (laboratory: Laboratory) => Promise<(size: number) => Promise<Costs>> | ((size: number) => Promise<Costs>);
  /** What has a budget: of the costs by size. */
  budgets?: (costs: ReadonlyMap<number, Costs>) => Line[];
}

const columns = ['calls', 'readUnits', 'writeUnits', 'roundTrips'] as const;
const titles = { calls: 'calls', readUnits: 'read units', writeUnits: 'write units', roundTrips: 'round trips' };

/** Measures at each size and prints that at once, then how each cost grows. @returns what has a budget */
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

/** Of what follows from a request it is not known what waits for what. */
const columnsOf = (cost: Cost) => columns.filter((column) => !Number.isNaN(cost[column]));

const shown = (number: number) => String(Math.round(number * 100) / 100);

/** The least that something costs in several tries: a process that is new to it, or has not looked for a while, reads more. */
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

/** The largest size over the smallest, for each thing and what is to be compared. */
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
