import type { Neighbors } from './layers.ts';
import { mean } from './order.ts';

const sweeps = 12;

/**
 * The row of each vertex, as a fraction: as near to its neighbors as the order of its layer allows, and at least one
 * row from the next vertex.
 */
export function rowsOf(layers: readonly (readonly number[])[], before: Neighbors, after: Neighbors): number[] {
  const rows: number[] = [];
  for (const layer of layers) layer.forEach((vertex, n) => (rows[vertex] = n - (layer.length - 1) / 2));
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      const wanted = layer.map((vertex) => mean((isForward ? before : after)[vertex] ?? [], rows, vertex));
      spread(wanted).forEach((row, n) => {
        const vertex = layer[n];
        if (vertex !== undefined) rows[vertex] = row;
      });
    }
  }
  const top = Math.min(...rows);
  return rows.map((row) => row - top);
}

/**
 * Ascending numbers at least 1 apart and as near as possible to the wanted ones (least squares). Numbers that are too
 * close form a block around their mean: pool adjacent violators.
 */
export function spread(wanted: readonly number[]): number[] {
  const blocks: { sum: number; size: number }[] = [];
  wanted.forEach((row, n) => {
    let block = { sum: row - n, size: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.size > block.sum / block.size; last = blocks.at(-1)) {
      block = { sum: block.sum + last.sum, size: block.size + last.size };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ sum, size }) => Array.from({ length: size }, () => sum / size)).map((row, n) => row + n);
}
