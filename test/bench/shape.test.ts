import { expect, test } from 'vitest';
import { shapeOf } from '../../bench/growth/shape.ts';

const points = (costs: Record<number, number>) =>
  Object.entries(costs).map(([size, cost]) => ({ size: Number(size), cost }));

test.each<{ what: string; costs: Record<number, number>; shape: string | undefined }>([
  { what: 'flat', costs: { 1: 4, 10: 4, 100: 4.5 }, shape: undefined },
  { what: 'one unit more', costs: { 1: 1, 10: 2, 100: 2 }, shape: undefined },
  { what: 'flat, then linear', costs: { 1: 4, 10: 4, 20: 14 }, shape: '4 # up to 10, then 1 for each more' },
  { what: 'linear at once', costs: { 1: 3, 101: 203 }, shape: '3 # up to 1, then 2 for each more' },
  { what: 'in two small steps', costs: { 1: 4, 10: 5, 12: 6 }, shape: '5 # up to 10, then 0.5 for each more' },
  {
    what: 'linear, then flat',
    costs: { 1: 3, 10: 12, 50: 52, 100: 52, 200: 52 },
    shape: '3 # up to 1, then 1 for each more up to 50, and no more from there',
  },
])('reports where a cost starts to grow, by how much, and where it ends: $what', ({ costs, shape }) => {
  expect(shapeOf(points(costs))).toBe(shape);
});
