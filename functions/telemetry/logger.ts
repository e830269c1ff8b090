import { Logger } from '@aws-lambda-powertools/logger';
import { printable } from '#shared/contract/printable.ts';

/** One for a function: an instance handles one event at a time. Errors quote other people's words: nothing in a line is invisible. */
export const logger = new Logger({
  jsonReplacerFn: (_name: string, value: unknown) => (typeof value === 'string' ? printable(value) : value),
});
