import { CommanderError } from 'commander';
import { printable, printableJson } from '#shared/contract/printable.ts';
import { MusterError } from '../sdk/index.ts';
import { inWordsOfCommands } from './words.ts';

/** Exit codes for scripts; documented by `--help`. */
export const exitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  unsuccessful: 4,
} as const;

/** An error with its own exit code and hint. */
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
 * Prints to stderr what went wrong and what to do next, and returns the exit code. Unexpected errors are printed
 * without a stack trace, which does not help users; MUSTER_DEBUG enables it.
 */
export function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // Help and version are not errors.
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

/** If a command is missing, commander prints the help without saying so. */
const usageText = ({ code, message }: CommanderError) =>
  code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '');

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error;

const refusedBySystem = ({ message }: Error) =>
  new Failure(
    exitCodes.refused,
    message,
    'The operating system refused it: check the path, its permissions and the free space.',
  );

const unexpected = (error: unknown) =>
  new Failure(
    exitCodes.refused,
    `Unexpected error: ${error instanceof Error ? error.message : String(error)}`,
    'This is a bug in muster: report it with the command. MUSTER_DEBUG=1 shows the stack trace.',
  );

function problemText({ code, detail, hint, errors }: MusterError): string {
  const fields = errors.map(({ pointer, message }) => `${pointer || 'Input'}: ${message}`);
  const [first] = fields;
  // The detail repeats the first error, and may end with the number of unlisted ones.
  const isListed = fields.length > 1 && first !== undefined && detail.startsWith(first);
  const said = isListed ? `${fields.length} errors.${detail.slice(first.length).replace(/^\./, '')}` : detail;
  const list = fields.length > 1 ? fields.map((field) => `  ${field}`) : [];
  // Text that quotes the input stays unchanged.
  const inWords = fields.length > 0 ? said : inWordsOfCommands(said);
  return [`${code}: ${inWords}`, ...list, inWordsOfCommands(hint.replace(' listed in `errors`', ''))].join('\n');
}
