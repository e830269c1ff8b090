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
 * Prints to stderr what went wrong and what to do next, and returns the exit code. What is unexpected is said without a stack, which
 * tells people nothing; MUSTER_DEBUG asks for it.
 */
export function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // Help and version are no errors.
    if (error.exitCode === 0) return exitCodes.ok;
    return report(wrongUsage(usageText(error)), json);
  }
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
  const { MUSTER_DEBUG: debug } = process.env;
  if (debug) console.error(error);
  return report(isSystemError(error) ? refusedBySystem(error) : unexpected(error), json);
}

/** Where a command is missing, commander has printed the help and says nothing of it. */
const usageText = ({ code, message }: CommanderError) =>
  code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '');

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error;

const refusedBySystem = ({ message }: Error) =>
  new Failure(exitCodes.refused, message, 'The system refused it: check the path, its permissions and the free space.');

const unexpected = (error: unknown) =>
  new Failure(
    exitCodes.refused,
    `Unexpected error: ${error instanceof Error ? error.message : String(error)}`,
    'This is a bug of muster: report it with the command. MUSTER_DEBUG=1 shows where it happened.',
  );

function problemText({ code, detail, hint, errors }: MusterError): string {
  const fields = errors.map(({ pointer, message }) => `${pointer || 'Input'}: ${message}`);
  const [first] = fields;
  // The detail repeats the first error, and may end with how many are not listed.
  const isListed = fields.length > 1 && first !== undefined && detail.startsWith(first);
  const said = isListed ? `${fields.length} errors.${detail.slice(first.length)}` : detail;
  const list = fields.length > 1 ? fields.map((field) => `  ${field}`) : [];
  // What quotes the input stays as it is.
  const inWords = fields.length > 0 ? said : inWordsOfCommands(said);
  return [`${code}: ${inWords}`, ...list, inWordsOfCommands(hint.replace(' listed in `errors`', ''))].join('\n');
}
