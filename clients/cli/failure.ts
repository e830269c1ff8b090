import { CommanderError } from 'commander';
import { printable, printableJson } from '#shared/contract/printable.ts';
import { MusterError } from '../sdk/index.ts';
import { inWordsOfCommands } from './words.ts';

/** What the exit code tells a script; `--help` documents them. */
export const exitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  unsuccessful: 4,
} as const;

/** An error with its own exit code and a hint. */
export class Failure extends Error {
  readonly exitCode: number;
  readonly hint: string;

  constructor(exitCode: number, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export const wrongUsage = (message: string, hint = 'Use --help for usage.') =>
  new Failure(exitCodes.usage, message, hint);

/**
 * Prints to stderr what went wrong and what to do next, and returns the exit code.
 * @throws the error itself when it is unexpected
 */
export function report(error: unknown, json: boolean): number {
  // Commander has said it already, and help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof MusterError) {
    const { code, detail, hint, errors } = error;
    console.error(json ? printableJson({ code, detail, hint, errors }) : printable(problemText(error)));
    return code === 'no_answer' || code === 'unexpected_answer' ? exitCodes.unreachable : exitCodes.refused;
  }
  if (error instanceof Failure) {
    const { message: detail, hint } = error;
    console.error(json ? printableJson({ detail, hint }) : printable(`${detail}\n${hint}`));
    return error.exitCode;
  }
  throw error;
}

function problemText({ code, detail, hint, errors }: MusterError): string {
  const fields = errors.map(({ pointer, message }) => `  ${pointer || '/'}: ${message}`);
  return [`${code}: ${detail}`, ...(fields.length > 1 ? fields : []), inWordsOfCommands(hint)].join('\n');
}
