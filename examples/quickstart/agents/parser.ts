/** parser_1 and parser_2: parse JSON files in the working folder. */
import path from 'node:path';
import { readBelow } from '#examples/typescript/files.ts';
import { TemporaryError, textOf, work, type Handler } from './work.ts';

const parsing: Handler = ({ metadata }) => {
  const file = path.basename(textOf(metadata?.['file']));
  const text = readBelow('.', file);
  return { file, values: countValues(parse(file, text)) };
};

/**
 * A file that ends in the middle of JSON is still being written and may soon be complete; any other error is permanent.
 */
function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = `${file}: ${error.message}`;
    throw /[}\]]\s*$/.test(text) ? new Error(reason) : new TemporaryError(reason);
  }
}

const countValues = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, inner) => sum + countValues(inner), 0)
    : 1;

/** Adds up what the dependencies counted. */
const totalling: Handler = ({ dependency_results: results }) =>
  Object.values(results).reduce((sum, { result }) => sum + (result as { values: number }).values, 0);

await work({ parsing, totalling });
