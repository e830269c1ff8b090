import type { Neighbors } from './layers.ts';

const sweeps = 8;

/**
 * Orders the vertices of each layer so that few edges cross: repeatedly moves each to the mean position of its
 * neighbors in the previous layer, then in the next (the barycenter heuristic).
 */
export function orderLayers(layers: readonly number[][], before: Neighbors, after: Neighbors): number[][] {
  const ordered = layers.map((layer) => [...layer]);
  const places: number[] = [];
  const note = (layer: readonly number[]) => layer.forEach((vertex, n) => (places[vertex] = relative(n, layer.length)));
  ordered.forEach(note);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? ordered : ordered.toReversed()) {
      const wanted = new Map(layer.map((one) => [one, mean((isForward ? before : after)[one] ?? [], places, one)]));
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      note(layer);
    }
  }
  return ordered;
}

/** From 0 to 1, so that layers of different sizes are comparable. */
const relative = (n: number, size: number) => (n + 0.5) / size;

/** The mean position of some vertices, or the current position if there are none. */
export function mean(vertices: readonly number[], places: readonly number[], otherwise: number): number {
  if (vertices.length === 0) return places[otherwise] ?? 0;
  return vertices.reduce((sum, vertex) => sum + (places[vertex] ?? 0), 0) / vertices.length;
}
