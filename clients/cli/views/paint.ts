import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const styles: Record<string, Style> = {
  completed: 'green',
  healthy: 'green',
  running: 'cyan',
  assigned: 'cyan',
  blocked: 'yellow',
  cancelled: 'yellow',
  degraded: 'yellow',
  stale: 'yellow',
  draining: 'yellow',
  leaving: 'yellow',
  left: 'gray',
  failed: 'red',
};

/** Styled text, unless stdout is not a terminal or NO_COLOR is set. */
export const paint = (style: Style, text: string) => styleText(style, text, { stream: process.stdout });

/** The status of a task or an agent in its color; `text` overrides the words. */
export function paintStatus(status: string, text: string = status): string {
  const style = styles[status];
  return style === undefined ? text : paint(style, text);
}
