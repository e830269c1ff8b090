import type { Status } from '../view/states.ts';

/** The colors of the current scheme, for the canvas. */
export type Colors = Readonly<Record<Status | 'card' | 'accent' | 'line-strong', string>>;

/** Reads the colors from the style sheet, so that they are defined once. */
export function colorsOf(element: Element): Colors {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`);
  return {
    waiting: color('waiting'),
    blocked: color('blocked'),
    pending: color('pending'),
    assigned: color('assigned'),
    running: color('running'),
    completed: color('completed'),
    failed: color('failed'),
    cancelled: color('cancelled'),
    card: color('card'),
    accent: color('accent'),
    'line-strong': color('line-strong'),
  };
}
