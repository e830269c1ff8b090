import { expect, test } from 'vitest';
import { layersOf } from '../../clients/dashboard/drawing/layout/layers.ts';
import { box, layOut, type Vertex } from '../../clients/dashboard/drawing/layout/layout.ts';
import { spread } from '../../clients/dashboard/drawing/layout/rows.ts';

const vertices = (lines: Record<string, readonly string[]>): Vertex[] =>
  Object.entries(lines).map(([id, dependencies]) => ({ id, dependencies }));

/** Layers of a hundred, each task with up to three dependencies in the previous layer. */
const manyVertices = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `t${n}`,
    dependencies: n < 100 ? [] : [0, 7, 31].map((step) => `t${n - 100 - ((n * step) % (n % 100 || 1))}`),
  }));

test('a vertex is one layer after its last dependency', () => {
  expect(layersOf([[], [0], [1], [0, 2]])).toEqual([0, 1, 2, 3]);
});

test('a vertex without dependencies is next to the first one that needs it', () => {
  expect(layersOf([[], [0], [1], [], [2, 3]])).toEqual([0, 1, 2, 2, 3]);
});

test('wanted rows are kept, and rows that are too close are spread around their middle', () => {
  expect(spread([0, 5])).toEqual([0, 5]);
  expect(spread([2, 2])).toEqual([1.5, 2.5]);
  expect(spread([3, 1, 8])).toEqual([1.5, 2.5, 8]);
});

test('each box is to the right of its dependencies, and no two overlap', () => {
  for (const graph of [vertices({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'], e: ['a', 'd'] }), manyVertices(1000)]) {
    const { places, width, height } = layOut(graph);
    for (const { id, dependencies } of graph) {
      for (const one of dependencies) {
        expect(places.get(id)?.x).toBeGreaterThanOrEqual((places.get(one)?.x ?? Infinity) + box.width);
      }
    }
    const columns = Map.groupBy(places.values(), ({ x }) => x);
    for (const [x, column] of columns) {
      expect(x + box.width).toBeLessThanOrEqual(width);
      const rows = column.map(({ y }) => y).sort((a, b) => a - b);
      expect(rows[0]).toBeGreaterThanOrEqual(box.height / 2);
      expect(rows.at(-1)).toBeLessThanOrEqual(height - box.height / 2);
      rows.slice(1).forEach((y, n) => expect(y - (rows[n] ?? 0)).toBeGreaterThan(box.height));
    }
  }
});

test('a long edge passes between the boxes of the layers it crosses', () => {
  const { places, edges } = layOut(vertices({ a: [], b: ['a'], c: ['b'], d: ['a', 'c'] }));
  const long = edges.find(({ from, to }) => from === 'a' && to === 'd');
  expect(long?.via.map(({ x }) => x)).toEqual([places.get('b')?.x, places.get('c')?.x]);
  long?.via.forEach(({ y }, n) => {
    expect(Math.abs(y - (places.get(['b', 'c'][n] ?? '')?.y ?? 0))).toBeGreaterThan(box.height);
  });
});

test('crossing neighbors are swapped', () => {
  const { places } = layOut(vertices({ a: [], b: [], x: ['b'], y: ['a'] }));
  expect(places.get('a')?.y).toBe(places.get('y')?.y);
  expect(places.get('b')?.y).toBe(places.get('x')?.y);
});

test('a layer of hundreds is folded into columns that fit a screen', () => {
  const { width, height } = layOut(manyVertices(1000));
  expect(width / height).toBeGreaterThan(0.5);
  expect(width / height).toBeLessThan(4);
});

test('a dependency outside the graph and an empty graph draw nothing', () => {
  expect(layOut([{ id: 'a', dependencies: ['elsewhere'] }]).edges).toEqual([]);
  expect(layOut([]).places.size).toBe(0);
});
