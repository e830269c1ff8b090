import type { Layout, Point } from './layout/layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The box that an arrow key leads to: left and right along an edge, up and down in the same column. */
export function nextBox({ places, edges }: Layout, from: string | undefined, direction: Direction): string | undefined {
  const at = from === undefined ? undefined : places.get(from);
  if (!at) return nearest([...places.keys()], places, { x: 0, y: 0 });
  switch (direction) {
    case 'left':
      return nearest(
        edges.filter(({ to }) => to === from).map((edge) => edge.from),
        places,
        at,
      );
    case 'right':
      return nearest(
        edges.filter((edge) => edge.from === from).map(({ to }) => to),
        places,
        at,
      );
    default: {
      const sign = direction === 'up' ? -1 : 1;
      const column = [...places].filter(([, { x, y }]) => x === at.x && (y - at.y) * sign > 0).map(([id]) => id);
      return nearest(column, places, at);
    }
  }
}

function nearest(ids: readonly string[], places: ReadonlyMap<string, Point>, { x, y }: Point): string | undefined {
  let best: [id: string | undefined, distance: number] = [undefined, Infinity];
  for (const id of ids) {
    const place = places.get(id);
    const distance = place ? Math.hypot(place.x - x, place.y - y) : Infinity;
    if (distance < best[1]) best = [id, distance];
  }
  return best[0];
}
