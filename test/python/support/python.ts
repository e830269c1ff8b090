import path from 'node:path';
import { inject } from 'vitest';

const installed = inject('python');

/** Without Python the tests are skipped, except in CI. */
export const isSkipped = installed === undefined && process.env['CI'] === undefined;

/**
 * The built package and a program of the environment with its wheel.
 * @throws if Python is missing
 */
export function python() {
  if (installed === undefined) throw new Error('Python 3.11 or newer, with venv, is not installed');
  const { folder, bin } = installed;
  return { folder, program: (name: string) => path.join(bin, name) };
}
