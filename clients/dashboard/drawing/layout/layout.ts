import { layersOf, reversed } from './layers.ts';
import { orderLayers } from './order.ts';
import { rowsOf } from './rows.ts';

export interface Vertex {
  id: string;
  /** Ids that are not among the vertices are ignored. */
  dependencies: readonly string[];
}

export interface Point {
  x: number;
  y: number;
}

export interface Edge {
  from: string;
  to: string;
  /** Where a long edge passes through the layers in between. */
  via: readonly Point[];
}

export interface Layout {
  /** The middle of the left side of each box. */
  places: ReadonlyMap<string, Point>;
  edges: readonly Edge[];
  width: number;
  height: number;
}

export const box = { width: 184, height: 52 };
const gap = { x: 72, y: 22 };

/** Beyond these limits, long edges get no space of their own: there are too many to follow anyway. */
const careful = { vertices: 200, inLayer: 24 };

/** Positions all boxes from left to right, each to the right of its dependencies. */
export function layOut(vertices: readonly Vertex[]): Layout {
  const indexOf = new Map(vertices.map(({ id }, n) => [id, n]));
  const dependencies = vertices.map((one) => one.dependencies.flatMap((id) => indexOf.get(id) ?? []));
  const layerOf = layersOf(dependencies);
  const isCareful =
    vertices.length <= careful.vertices && byLayer(layerOf).every((layer) => layer.length <= careful.inLayer);
  const { before, long } = isCareful
    ? withPassing(dependencies, layerOf)
    : { before: dependencies, long: new Map<string, number[]>() };
  const after = reversed(before);
  const layers = orderLayers(byLayer(layerOf), before, after);
  const pointOf = isCareful ? alignedPoints(layers, rowsOf(layers, before, after)) : wrappedPoints(layers);
  const points = layerOf.map((_, n) => pointOf.get(n) ?? { x: 0, y: 0 });
  const edges = dependencies.flatMap((list, to) =>
    list.map((from): Edge => ({
      from: vertices[from]?.id ?? '',
      to: vertices[to]?.id ?? '',
      via: (long.get(`${from} ${to}`) ?? []).flatMap((passing) => points[passing] ?? []),
    })),
  );
  return {
    places: new Map(vertices.map(({ id }, n) => [id, points[n] ?? { x: 0, y: 0 }])),
    edges,
    width: Math.max(0, ...points.map(({ x }) => x)) + box.width,
    height: Math.max(0, ...points.map(({ y }) => y)) + box.height / 2,
  };
}

/** Adds a vertex in every layer that a long edge spans, which reserves space for it. Appends to `layerOf`. */
function withPassing(dependencies: readonly number[][], layerOf: number[]) {
  const before: number[][] = dependencies.map(() => []);
  const long = new Map<string, number[]>();
  dependencies.forEach((list, to) => {
    for (const from of list) {
      const passing: number[] = [];
      let last = from;
      for (let layer = (layerOf[from] ?? 0) + 1; layer < (layerOf[to] ?? 0); layer += 1) {
        const added = layerOf.push(layer) - 1;
        before.push([last]);
        passing.push(added);
        last = added;
      }
      before[to]?.push(last);
      if (passing.length > 0) long.set(`${from} ${to}`, passing);
    }
  });
  return { before, long };
}

function byLayer(layerOf: readonly number[]): number[][] {
  const layers: number[][] = Array.from({ length: Math.max(-1, ...layerOf) + 1 }, () => []);
  layerOf.forEach((layer, vertex) => layers[layer]?.push(vertex));
  return layers;
}

function alignedPoints(layers: readonly number[][], rows: readonly number[]): Map<number, Point> {
  return new Map(
    layers.flatMap((layer, n) =>
      layer.map((vertex): [number, Point] => [
        vertex,
        { x: n * (box.width + gap.x), y: box.height / 2 + (rows[vertex] ?? 0) * (box.height + gap.y) },
      ]),
    ),
  );
}

/** Layers of hundreds are folded into several columns, so that the whole fits the shape of a screen. */
function wrappedPoints(layers: readonly number[][]): Map<number, Point> {
  const count = layers.reduce((sum, layer) => sum + layer.length, 0);
  const maxRows = Math.max(16, Math.ceil(Math.sqrt(count) * 1.2));
  const points = new Map<number, Point>();
  let left = 0;
  for (const layer of layers) {
    const columns = Math.ceil(layer.length / maxRows);
    const rows = Math.ceil(layer.length / columns);
    layer.forEach((vertex, n) => {
      const row = Math.floor(n / columns) + (maxRows - rows) / 2;
      points.set(vertex, {
        x: left + (n % columns) * (box.width + gap.y),
        y: box.height / 2 + row * (box.height + gap.y),
      });
    });
    left += columns * (box.width + gap.y) + gap.x;
  }
  return points;
}
