import type { Area, Size } from './area.ts';
import type { Point } from './layout/layout.ts';

const scales = { min: 0.04, max: 1.6, readable: 0.66 };
/** The scale if the whole would be unreadable. */
const firstScale = 0.8;
const margin = 24;

/** Which part of a drawing is shown, and how large. */
export interface Camera extends Point {
  scale: number;
}

/** Shows everything, but never larger than its natural size. */
export function fitting(content: Size, frame: Size): Camera {
  const scale = clamp(
    Math.min(1, (frame.width - 2 * margin) / content.width, (frame.height - 2 * margin) / content.height),
  );
  return {
    scale,
    x: (frame.width - content.width * scale) / 2,
    y: (frame.height - content.height * scale) / 2,
  };
}

/** Shows everything if that is readable, or else the surroundings of a point. */
export function readable(content: Size, frame: Size, around: Point): Camera {
  const all = fitting(content, frame);
  if (all.scale >= scales.readable) return all;
  const { x, y, scale } = centered(around, frame, firstScale);
  return {
    scale,
    x: filling(x, content.width * scale, frame.width),
    y: filling(y, content.height * scale, frame.height),
  };
}

/** Leaves no empty space where there is something to show; what is smaller than the frame is centered. */
const filling = (offset: number, size: number, frame: number) =>
  size + 2 * margin <= frame ? (frame - size) / 2 : Math.max(frame - size - margin, Math.min(margin, offset));

/** Zooms around a point of the frame. */
export function zoomed({ x, y, scale }: Camera, factor: number, at: Point): Camera {
  const next = clamp(scale * factor);
  return { scale: next, x: at.x - ((at.x - x) / scale) * next, y: at.y - ((at.y - y) / scale) * next };
}

export const centered = (point: Point, frame: Size, scale: number): Camera => ({
  scale,
  x: frame.width / 2 - point.x * scale,
  y: frame.height / 2 - point.y * scale,
});

/** The point of the drawing at a point of the frame. */
export const pointAt = ({ x, y, scale }: Camera, at: Point): Point => ({
  x: (at.x - x) / scale,
  y: (at.y - y) / scale,
});

/** The part of the drawing in the frame. */
export const seenBy = (camera: Camera, frame: Size): Area => ({
  ...pointAt(camera, { x: 0, y: 0 }),
  width: frame.width / camera.scale,
  height: frame.height / camera.scale,
});

/** Moves no more than necessary to show all of a part. */
export function revealing(camera: Camera, part: Area, frame: Size): Camera {
  const scale = Math.max(camera.scale, scales.readable);
  const [left, top] = [part.x * scale + camera.x, part.y * scale + camera.y];
  const isSeen =
    scale === camera.scale &&
    left >= margin &&
    top >= margin &&
    left + part.width * scale <= frame.width - margin &&
    top + part.height * scale <= frame.height - margin;
  return isSeen ? camera : centered({ x: part.x + part.width / 2, y: part.y + part.height / 2 }, frame, scale);
}

/** Below this scale the text of a box is unreadable, and only its state is shown. */
export const wordsFrom = 0.5;

const clamp = (scale: number) => Math.max(scales.min, Math.min(scales.max, scale));
