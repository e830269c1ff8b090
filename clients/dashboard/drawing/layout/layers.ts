/** The neighbors of each vertex, by index. */
export type Neighbors = readonly (readonly number[])[];

/** The opposite direction: the dependents of each vertex. */
export function reversed(neighbors: Neighbors): number[][] {
  const others = neighbors.map((): number[] => []);
  neighbors.forEach((list, from) => list.forEach((to) => others[to]?.push(from)));
  return others;
}

/**
 * The layer of each vertex: one more than the last of its dependencies, so that every edge leads to the right. A vertex
 * without dependencies moves next to its first dependent, which keeps edges short.
 */
export function layersOf(dependencies: Neighbors): number[] {
  const dependents = reversed(dependencies);
  const layers = dependencies.map(() => 0);
  const open = dependencies.map((list) => list.length);
  const ready = [...open.keys()].filter((n) => open[n] === 0);
  // Grows during the loop: each vertex comes after all of its dependencies.
  for (const n of ready) {
    for (const dependent of dependents[n] ?? []) {
      layers[dependent] = Math.max(layers[dependent] ?? 0, (layers[n] ?? 0) + 1);
      open[dependent] = (open[dependent] ?? 0) - 1;
      if (open[dependent] === 0) ready.push(dependent);
    }
  }
  return layers.map((layer, n) => {
    const needing = dependents[n] ?? [];
    const isMovable = dependencies[n]?.length === 0 && needing.length > 0;
    return isMovable ? Math.min(...needing.map((one) => (layers[one] ?? 1) - 1)) : layer;
  });
}
