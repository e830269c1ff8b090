import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc, the same on all of Linux. */
const ticks = 100;

/** Whether the processor time of other processes can be read here. */
export const isReadable = process.platform === 'linux';

/** Processor time of this process and of other ones with all that they started, in milliseconds. NaN elsewhere than on Linux. */
export function processorTime(others: readonly number[]): number {
  if (!isReadable) return NaN;
  const { user, system } = process.cpuUsage();
  const table = processTable();
  const wanted = new Set(others);
  // A process can have a smaller id than its parent: until no more are found.
  for (let size = 0; size < wanted.size;) {
    size = wanted.size;
    for (const [id, { parent }] of table) if (wanted.has(parent)) wanted.add(id);
  }
  const sum = [...wanted].reduce((total, id) => total + (table.get(id)?.ticks ?? 0), 0);
  return (user + system) / 1000 + (sum * 1000) / ticks;
}

/** Every process, with its time and that of its children that have ended. */
function processTable(): Map<number, { parent: number; ticks: number }> {
  const table = new Map<number, { parent: number; ticks: number }>();
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id)) continue;
    const fields = statOf(id);
    const [parent = 0] = fields.slice(1).map(Number);
    const used = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    table.set(Number(id), { parent, ticks: used });
  }
  return table;
}

/** The fields after the name, which may have spaces; none of a process that has ended meanwhile. */
function statOf(id: string): string[] {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
