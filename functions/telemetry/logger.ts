import { Logger } from '@aws-lambda-powertools/logger';
import { printable } from '#shared/contract/printable.ts';

/**
 * One per function: an instance handles one event at a time. Errors may quote untrusted text, so lines contain no
 * invisible characters.
 */
export const logger = new Logger({
  jsonReplacerFn: (_name: string, value: unknown) => (typeof value === 'string' ? printable(value) : value),
});
