import type { Point } from './layout/layout.ts';
import type { Direction } from './next-box.ts';

interface KeyListeners {
  zoomIn: () => void;
  zoomOut: () => void;
  fit: () => void;
  open: () => void;
  leave: () => void;
  /** From box to box. */
  step: (direction: Direction) => void;
  pan: (by: Point) => void;
}

const panStep = 80;

/** Keyboard control: arrows move from box to box along the edges and, with shift, move the drawing. */
export function listenToKeys(frame: HTMLElement, listeners: KeyListeners, signal: AbortSignal): void {
  const { zoomIn, zoomOut, fit, open, leave, step, pan } = listeners;
  const arrow = (direction: Direction, x: number, y: number) => (isPan: boolean) => {
    if (isPan) pan({ x: x * panStep, y: y * panStep });
    else step(direction);
  };
  const actions: Partial<Record<string, (isShifted: boolean) => void>> = {
    '+': zoomIn,
    '=': zoomIn,
    '-': zoomOut,
    '0': fit,
    Escape: leave,
    Enter: open,
    ArrowLeft: arrow('left', 1, 0),
    ArrowRight: arrow('right', -1, 0),
    ArrowUp: arrow('up', 0, 1),
    ArrowDown: arrow('down', 0, -1),
  };
  frame.addEventListener(
    'keydown',
    (event) => {
      const action = actions[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action(event.shiftKey);
    },
    { signal },
  );
}
