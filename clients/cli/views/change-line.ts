import { printable } from '#shared/contract/printable.ts';
import { paintStatus } from './paint.ts';

/** One line of a watch: when a task has come to a status, and what else is to be said of it. */
export function changeLine(status: string, ...parts: readonly (string | undefined)[]): string {
  const said = parts.filter((part) => part !== undefined && part !== '').map((part) => oneLine(part ?? ''));
  return [new Date().toISOString(), paintStatus(status, status.padEnd('completed'.length)), ...said].join('  ');
}

const oneLine = (text: string) => printable(text).replaceAll(/\s+/g, ' ');
