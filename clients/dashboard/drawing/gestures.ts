import type { Point } from './layout/layout.ts';

/** How far a pointer may move for a click, in pixels. */
const clickDistance = 4;
const wheelZoom = 0.0016;

interface GestureListeners {
  pan: (by: Point) => void;
  zoom: (factor: number, at: Point) => void;
  /** The pointer moves over the frame without dragging. */
  hover: (at: Point) => void;
  /** A click without a drag. */
  click: (at: Point) => void;
}

/** Dragging, pinching with two pointers, and the wheel. Ends with the signal. */
export function listenToGestures(
  frame: HTMLElement,
  { pan, zoom, hover, click }: GestureListeners,
  signal: AbortSignal,
): void {
  const pointers = new Map<number, Point>();
  let moved = 0;

  const inFrame = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top } = frame.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  frame.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      if (pointers.size === 0) moved = 0;
      pointers.set(event.pointerId, inFrame(event));
    },
    { signal },
  );
  frame.addEventListener(
    'pointermove',
    (event) => {
      const before = pointers.get(event.pointerId);
      const now = inFrame(event);
      if (!before) {
        hover(now);
        return;
      }
      const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      pointers.set(event.pointerId, now);
      moved += distance(before, now);
      if (moved < clickDistance) return;
      frame.setPointerCapture(event.pointerId);
      const [other] = others;
      if (other) zoom(distance(other, now) / Math.max(1, distance(other, before)), middle(other, now));
      else pan({ x: now.x - before.x, y: now.y - before.y });
    },
    { signal },
  );
  for (const type of ['pointerup', 'pointercancel'] as const) {
    frame.addEventListener(type, ({ pointerId }) => pointers.delete(pointerId), { signal });
  }
  frame.addEventListener(
    'click',
    (event) => {
      if (moved < clickDistance) click(inFrame(event));
    },
    { signal },
  );
  frame.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * wheelZoom * (event.ctrlKey ? 4 : 1)), inFrame(event));
    },
    { signal, passive: false },
  );
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);
const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
