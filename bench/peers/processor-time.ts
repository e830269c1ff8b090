import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc, the same on every Linux. */
const ticks = 100;

/** Whether the CPU time of other processes can be read here. */
export const isReadable = process.platform === 'linux';

/** CPU time of this process and of others including their children, in milliseconds. NaN if not on Linux. */
export function processorTime(others: readonly number[]): number {
  if (!isReadable) return NaN;
  const { user, system } = process.cpuUsage();
  const table = processTable();
  const wanted = new Set(others);
  // A process can have a smaller id than its parent, so repeat until no more are found.
  for (let size = 0; size < wanted.size;) {
    size = wanted.size;
    for (const [id, { parent }] of table) if (wanted.has(parent)) wanted.add(id);
  }
  const sum = [...wanted].reduce((total, id) => total + (table.get(id)?.ticks ?? 0), 0);
  return (user + system) / 1000 + (sum * 1000) / ticks;
}

/** Every process, with its time and that of its ended children. */
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

/** The fields after the name, which may contain spaces; none if the process has ended meanwhile. */
function statOf(id: string): string[] {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
