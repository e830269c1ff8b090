import { box, type Edge, type Point } from './layout/layout.ts';

const arrow = { length: 6, width: 4 };

/**
 * An edge as SVG path data: from the right side of one box through the gaps to the left side of another, with an
 * arrowhead.
 */
export function pathOf({ via }: Edge, from: Point, to: Point): string {
  let at = { x: from.x + box.width, y: from.y };
  let path = `M${at.x} ${at.y}`;
  for (const point of via) {
    path += `${curve(at, point)}H${point.x + box.width}`;
    at = { x: point.x + box.width, y: point.y };
  }
  path += curve(at, to);
  return `${path}M${to.x - arrow.length} ${to.y - arrow.width}L${to.x} ${to.y}L${to.x - arrow.length} ${to.y + arrow.width}`;
}

function curve(from: Point, to: Point): string {
  const bend = Math.max(24, (to.x - from.x) / 2);
  return `C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}
