import { readFileSync } from 'node:fs';
import { decodedUtf8 } from '#shared/contract/utf8.ts';
import { wrongUsage } from './failure.ts';

const asUtf8 = 'Save it as UTF-8.';

/**
 * The text of a file, which must be UTF-8.
 * @throws Failure when it cannot be read, or is something else
 */
export function readTextFile(file: string): string {
  const bytes = read(file);
  // As PowerShell and old editors write them.
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) throw wrongUsage(`${file} is UTF-16, not UTF-8.`, asUtf8);
  const text = decodedUtf8(bytes);
  if (text === undefined) throw wrongUsage(`${file} is not valid UTF-8.`, asUtf8);
  return text;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw wrongUsage(error instanceof Error ? error.message : String(error), 'Use the path of a readable file.');
  }
}
