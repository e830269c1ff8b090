/** The cost at one size. */
export interface Point {
  size: number;
  cost: number;
}

/** Tolerates rounding, and one more unit. */
const isAbout = (cost: number, reference: number) => cost <= Math.max(reference * 1.2, reference + 1);

/**
 * Describes how a cost grows: up to which size it is constant (the knee), what each additional item costs from there,
 * and from which size it is flat. `#` marks the counted number. Undefined if it does not grow.
 * @param points from the smallest size to the largest
 */
export function shapeOf(points: readonly Point[]): string | undefined {
  const [first] = points;
  const last = points.at(-1);
  const firstHigher = points.findIndex(({ cost }) => first && !isAbout(cost, first.cost));
  if (!first || !last || firstHigher === -1) return undefined;
  const knee = points[firstHigher - 1] ?? first;
  const isAsLast = ({ cost }: Point) => isAbout(cost, last.cost) && isAbout(last.cost, cost);
  const flat = points[Math.max(firstHigher, points.findLastIndex((point) => !isAsLast(point)) + 1)] ?? last;
  const slope = (flat.cost - knee.cost) / (flat.size - knee.size);
  const end = flat === last ? '' : ` up to ${flat.size}, and no more from there`;
  return `${amount(knee.cost)} # up to ${knee.size}, then ${amount(slope)} for each more${end}`;
}

const amount = (number: number) => String(Number(number.toPrecision(2)));
