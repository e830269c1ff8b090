import type { Point } from './layout/layout.ts';

export interface Size {
  width: number;
  height: number;
}

/** A part of the drawing, from its top-left corner. */
export interface Area extends Point, Size {}

export const overlaps = (a: Area, b: Area) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const covers = (outer: Area, inner: Area) =>
  outer.x <= inner.x &&
  outer.y <= inner.y &&
  outer.x + outer.width >= inner.x + inner.width &&
  outer.y + outer.height >= inner.y + inner.height;

/** Enlarged on each side. */
export const grown = ({ x, y, width, height }: Area, by: Size): Area => ({
  x: x - by.width,
  y: y - by.height,
  width: width + 2 * by.width,
  height: height + 2 * by.height,
});

/** The smallest area that contains all points. */
export function around(points: readonly Point[]): Area {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
