/**
 * Reads the files named in tasks. Tasks are untrusted: anything outside the folder, or not a regular file, is refused.
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';

// A pipe would block the process before it could be refused, and a link could be swapped in after the check.
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * The text of a regular file below a folder.
 * @param name absolute, or relative to the folder
 * @throws Error if it is elsewhere (even through a link), not a regular file, or larger than `maxBytes`
 */
export function readBelow(folder: string, name: string, maxBytes = 1024 * 1024): string {
  const root = realpathSync(folder);
  const file = realpathSync(resolve(root, name));
  if (relative(root, file).split(sep)[0] === '..') throw new Error(`${name} is not below ${root}`);
  const descriptor = openSync(file, flags);
  try {
    const about = fstatSync(descriptor);
    if (!about.isFile()) throw new Error(`${name} is not a regular file`);
    if (about.size > maxBytes) throw new Error(`${name} is larger than ${maxBytes} bytes`);
    // Not readFileSync, which would also read what is appended in the meantime.
    const bytes = Buffer.alloc(about.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < about.size; length += read) {
      read = readSync(descriptor, bytes, length, about.size - length, null);
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}
