import { expect, test } from 'vitest';
import { covers, grown, overlaps } from '../../clients/dashboard/drawing/area.ts';
import { fitting, pointAt, readable, revealing, seenBy, zoomed } from '../../clients/dashboard/drawing/camera.ts';
import { layOut } from '../../clients/dashboard/drawing/layout/layout.ts';
import { nextBox } from '../../clients/dashboard/drawing/next-box.ts';

const frame = { width: 1000, height: 600 };

test('a small graph is shown completely, centered and at most at its natural size', () => {
  expect(fitting({ width: 400, height: 100 }, frame)).toEqual({ scale: 1, x: 300, y: 250 });
});

test('if a graph would be too small to read, a part is shown that fills the frame', () => {
  const content = { width: 8000, height: 4000 };
  expect(fitting(content, frame).scale).toBeLessThan(0.2);
  const { scale, x, y } = readable(content, frame, { x: 100, y: 3900 });
  expect(scale).toBeGreaterThan(0.6);
  expect([x, y]).toEqual([24, frame.height - 4000 * scale - 24]);
});

test('zooming keeps the point under the pointer in place', () => {
  const [before, at] = [
    { x: 30, y: -20, scale: 0.8 },
    { x: 500, y: 200 },
  ];
  const after = zoomed(before, 1.5, at);
  expect(after.scale).toBeCloseTo(1.2);
  expect((at.x - after.x) / after.scale).toBeCloseTo((at.x - before.x) / before.scale);
  expect((at.y - after.y) / after.scale).toBeCloseTo((at.y - before.y) / before.scale);
  expect(zoomed(before, 1e9, at).scale).toBeLessThanOrEqual(2);
});

test('a visible, readable box is not moved; another one is centered', () => {
  const camera = { x: 0, y: 0, scale: 1 };
  expect(revealing(camera, { x: 100, y: 100, width: 184, height: 52 }, frame)).toBe(camera);
  const { x, scale } = revealing(camera, { x: 2000, y: 100, width: 184, height: 52 }, frame);
  expect((2000 + 92) * scale + x).toBeCloseTo(frame.width / 2);
});

test('arrow keys follow the edges, and up and down move within a column', () => {
  const layout = layOut([
    { id: 'a', dependencies: [] },
    { id: 'b', dependencies: [] },
    { id: 'end', dependencies: ['a', 'b'] },
  ]);
  expect(nextBox(layout, undefined, 'right')).toBe('a');
  expect(nextBox(layout, 'a', 'right')).toBe('end');
  expect(nextBox(layout, 'a', 'down')).toBe('b');
  expect(nextBox(layout, 'b', 'up')).toBe('a');
  expect(['a', 'b']).toContain(nextBox(layout, 'end', 'left'));
  expect(nextBox(layout, 'end', 'right')).toBeUndefined();
});

test('the camera shows the part of the drawing in the frame, and maps points back', () => {
  const camera = { x: -100, y: 50, scale: 0.5 };
  expect(seenBy(camera, frame)).toEqual({ x: 200, y: -100, width: 2000, height: 1200 });
  expect(pointAt(camera, { x: 0, y: 0 })).toEqual({ x: 200, y: -100 });
  const part = { x: 2100, y: 0, width: 184, height: 52 };
  expect(overlaps(seenBy(camera, frame), part)).toBe(true);
  expect(covers(seenBy(camera, frame), part)).toBe(false);
  expect(covers(grown(seenBy(camera, frame), { width: 84, height: 0 }), part)).toBe(true);
  expect(overlaps(seenBy(camera, frame), { ...part, x: 2201 })).toBe(false);
});
