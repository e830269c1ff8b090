import { styleText } from 'node:util';
import { printable } from '#shared/contract/printable.ts';

const width = 120;
const indent = '   ';

// styleText omits colors if the output is not a terminal or NO_COLOR is set.
const bold = (text: string) => styleText('bold', text);
const dim = (text: string) => styleText('dim', text);
const cyan = (text: string) => styleText('cyan', text);

/** Begins a section of the seed's quick start. */
export const heading = (text: string) => console.log(`\n${bold(text)}`);

/** Announces the next step in a sentence. */
export const say = (text: string) => console.log(`${indent}${text}`);

/** An HTTP request, and the status of its response. */
export interface Exchange {
  method: string;
  path: string;
  body: string;
  status: number;
}

/** Prints a request and its response. */
export function exchange({ method, path, body, status }: Exchange, answer: unknown): void {
  const sent = body === '' || body === '{}' ? '' : ` ${body}`;
  for (const line of wrapped(`${method} ${path}${sent}`)) console.log(indent + cyan(line));
  const parts: unknown[] = Array.isArray(answer) ? answer : [answer];
  const lines = parts.flatMap((part) => wrapped(typeof part === 'string' ? part : JSON.stringify(part)));
  lines.forEach((line, n) => console.log(`${indent}${dim(n === 0 ? String(status) : '   ')} ${line}`));
}

/** Prints an agent's output. */
export const agentSays = (name: string, pid: number, text: string) =>
  console.log(dim(`${indent}${name} (process ${pid}): ${printable(text)}`));

/** Wraps JSON and prose to the terminal, after a comma or space if possible. */
const wrapped = (text: string): string[] =>
  text.length <= width ? [text] : (text.match(new RegExp(`.{1,${width - 1}}(?:[, ]|$)|.{1,${width}}`, 'g')) ?? [text]);
