import { styleText } from 'node:util';
import { printable } from '#shared/contract/printable.ts';

const width = 120;
const indent = '   ';

// styleText omits colors when the output is not a terminal or NO_COLOR is set.
const bold = (text: string) => styleText('bold', text);
const dim = (text: string) => styleText('dim', text);
const cyan = (text: string) => styleText('cyan', text);

/** A part of the seed's quick start begins. */
export const heading = (text: string) => console.log(`\n${bold(text)}`);

/** Says in a sentence what is about to be seen. */
export const say = (text: string) => console.log(`${indent}${text}`);

/** An HTTP request that was sent, and the status of its answer. */
export interface Exchange {
  method: string;
  path: string;
  body: string;
  status: number;
}

/** Shows a request and what was answered. */
export function exchange({ method, path, body, status }: Exchange, answer: unknown): void {
  const sent = body === '' || body === '{}' ? '' : ` ${body}`;
  for (const line of wrapped(`${method} ${path}${sent}`)) console.log(indent + cyan(line));
  const parts: unknown[] = Array.isArray(answer) ? answer : [answer];
  const lines = parts.flatMap((part) => wrapped(typeof part === 'string' ? part : JSON.stringify(part)));
  lines.forEach((line, n) => console.log(`${indent}${dim(n === 0 ? String(status) : '   ')} ${line}`));
}

/** Passes on what an agent says. */
export const agentSays = (name: string, pid: number, text: string) =>
  console.log(dim(`${indent}${name} (process ${pid}): ${printable(text)}`));

/** Breaks JSON and prose into lines of the terminal, behind a comma or a blank where there is one. */
const wrapped = (text: string): string[] =>
  text.length <= width ? [text] : (text.match(new RegExp(`.{1,${width - 1}}(?:[, ]|$)|.{1,${width}}`, 'g')) ?? [text]);
