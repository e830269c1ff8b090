/**
 * Groups points by distance: k-means (Lloyd), started from points that are far apart, so that it needs no randomness.
 * @returns the indexes of the points of each group
 */
export function cluster(points: readonly (readonly number[])[], groups: number): number[][] {
  const scaled = standardized(points);
  let centers = farApart(scaled, groups);
  for (let round = 0; round < 100; round += 1) {
    const members = assign(scaled, centers);
    const next = members.map((own, n) => (own.length > 0 ? mean(own.map((i) => scaled[i] ?? [])) : (centers[n] ?? [])));
    if (next.every((center, n) => distance(center, centers[n] ?? []) === 0)) break;
    centers = next;
  }
  return assign(scaled, centers);
}

function assign(points: readonly number[][], centers: readonly number[][]): number[][] {
  const members: number[][] = centers.map(() => []);
  points.forEach((point, i) => members[nearest(point, centers)]?.push(i));
  return members;
}

function farApart(points: readonly number[][], groups: number): number[][] {
  const centers = points.slice(0, 1);
  while (centers.length < Math.min(groups, points.length)) {
    const remoteness = points.map((point) => Math.min(...centers.map((center) => distance(point, center))));
    const farthest = points[remoteness.indexOf(Math.max(...remoteness))];
    if (farthest) centers.push(farthest);
  }
  return centers;
}

/** Scales every coordinate to mean 0 and standard deviation 1, so that no unit outweighs the others. */
function standardized(points: readonly (readonly number[])[]): number[][] {
  const center = mean(points);
  const variance = mean(points.map((point) => point.map((value, n) => (value - (center[n] ?? 0)) ** 2)));
  return points.map((point) =>
    point.map((value, n) => (value - (center[n] ?? 0)) / (Math.sqrt(variance[n] ?? 0) || 1)),
  );
}

const mean = (points: readonly (readonly number[])[]): number[] =>
  (points[0] ?? []).map((_, n) => points.reduce((sum, point) => sum + (point[n] ?? 0), 0) / points.length);

const distance = (one: readonly number[], other: readonly number[]) =>
  Math.hypot(...one.map((value, n) => value - (other[n] ?? 0)));

function nearest(point: readonly number[], centers: readonly number[][]): number {
  const distances = centers.map((center) => distance(point, center));
  return distances.indexOf(Math.min(...distances));
}
