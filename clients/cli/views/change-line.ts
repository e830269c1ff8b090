import { printable } from '#shared/contract/printable.ts';
import { paintStatus } from './paint.ts';

/** A line of a watch: when a task reached a status, with details. */
export function changeLine(status: string, ...parts: readonly (string | undefined)[]): string {
  const said = parts.filter((part) => part !== undefined && part !== '').map((part) => oneLine(part ?? ''));
  return [new Date().toISOString(), paintStatus(status, status.padEnd('completed'.length)), ...said].join('  ');
}

const oneLine = (text: string) => printable(text).replaceAll(/\s+/g, ' ');
