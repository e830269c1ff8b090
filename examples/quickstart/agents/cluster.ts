/**
 * Groups points by nearness: k-means (Lloyd), begun with points that are far from each other, so that it needs no chance.
 * @returns the ordinals of the points of each group
 */
export function cluster(points: readonly (readonly number[])[], groups: number): number[][] {
  const scaled = standardised(points);
  let centres = farApart(scaled, groups);
  for (let round = 0; round < 100; round += 1) {
    const members = assign(scaled, centres);
    const next = members.map((own, n) => (own.length > 0 ? mean(own.map((i) => scaled[i] ?? [])) : (centres[n] ?? [])));
    if (next.every((centre, n) => distance(centre, centres[n] ?? []) === 0)) break;
    centres = next;
  }
  return assign(scaled, centres);
}

function assign(points: readonly number[][], centres: readonly number[][]): number[][] {
  const members: number[][] = centres.map(() => []);
  points.forEach((point, i) => members[nearest(point, centres)]?.push(i));
  return members;
}

function farApart(points: readonly number[][], groups: number): number[][] {
  const centres = points.slice(0, 1);
  while (centres.length < Math.min(groups, points.length)) {
    const remoteness = points.map((point) => Math.min(...centres.map((centre) => distance(point, centre))));
    const farthest = points[remoteness.indexOf(Math.max(...remoteness))];
    if (farthest) centres.push(farthest);
  }
  return centres;
}

/** Every coordinate with mean 0 and deviation 1, so that none outweighs the others by its unit. */
function standardised(points: readonly (readonly number[])[]): number[][] {
  const centre = mean(points);
  const variance = mean(points.map((point) => point.map((value, n) => (value - (centre[n] ?? 0)) ** 2)));
  return points.map((point) =>
    point.map((value, n) => (value - (centre[n] ?? 0)) / (Math.sqrt(variance[n] ?? 0) || 1)),
  );
}

const mean = (points: readonly (readonly number[])[]): number[] =>
  (points[0] ?? []).map((_, n) => points.reduce((sum, point) => sum + (point[n] ?? 0), 0) / points.length);

const distance = (one: readonly number[], other: readonly number[]) =>
  Math.hypot(...one.map((value, n) => value - (other[n] ?? 0)));

function nearest(point: readonly number[], centres: readonly number[][]): number {
  const distances = centres.map((centre) => distance(point, centre));
  return distances.indexOf(Math.min(...distances));
}
