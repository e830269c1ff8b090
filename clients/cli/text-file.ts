import { readFileSync } from 'node:fs';
import { decodedUtf8 } from '#shared/contract/utf8.ts';
import { wrongUsage } from './failure.ts';

const asUtf8 = 'Save it as UTF-8.';

/**
 * The text of a file, which must be UTF-8.
 * @throws Failure if it cannot be read, or is not UTF-8
 */
export const readTextFile = (file: string): string => textIn(read(file), file);

/**
 * Decodes what was read from a source, which must be UTF-8.
 * @throws Failure if it is not UTF-8
 */
export function textIn(bytes: Uint8Array, source: string): string {
  if (isUtf16(bytes)) throw wrongUsage(`${source} is UTF-16, not UTF-8.`, asUtf8);
  const text = decodedUtf8(bytes);
  if (text === undefined) throw wrongUsage(`${source} is not valid UTF-8; it may be Latin-1.`, asUtf8);
  return text;
}

/** As written by PowerShell and old editors: with a byte order mark or, in English text, with every other byte 0. */
function isUtf16([first, second, third, fourth]: Uint8Array): boolean {
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMarked || (first === 0 && third === 0) || (second === 0 && fourth === 0);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw wrongUsage(`${file} ${whyUnreadable(error)}.`, 'Use the path of a readable file.');
  }
}

function whyUnreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist';
    case 'EISDIR':
      return 'is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'cannot be read: permission denied';
    default:
      return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
