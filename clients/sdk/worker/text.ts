import { inspect } from 'node:util';

// eslint-disable-next-line no-control-regex -- Muster refuses them
const controlCharacters = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/** Text as Muster takes it: not empty, no control characters, at most `length` long. */
export function plainText(text: string, length: number): string {
  return text.replaceAll(controlCharacters, ' ').slice(0, length).toWellFormed() || 'no message given';
}

/** The message of something that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return typeof error === 'string' ? error : inspect(error);
}
