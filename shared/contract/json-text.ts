/** What reading JSON would change without a word: numbers that JavaScript cannot hold, and fields that are given twice. */

import { maxListed } from './problem.ts';

export interface ParsingChange {
  path: (string | number)[];
  message: string;
}

/** A container that the scanner is in, and where: the name of the field, or the index in a list. */
interface Container {
  /** The fields seen so far; undefined in a list. */
  names: Set<string> | undefined;
  at: string | number;
}

/** Any number with fewer characters than this, and without an exponent, keeps its meaning. */
const shortNumber = 16;

/**
 * Finds what `JSON.parse` would change silently, in one pass.
 * @param text valid JSON
 */
export function changedByParsing(text: string): ParsingChange[] {
  const found: ParsingChange[] = [];
  const containers: Container[] = [];
  const path = () => containers.map(({ at }) => at);
  let isName = false;
  for (let i = 0; i < text.length && found.length < maxListed; i += 1) {
    const character = text[i];
    const inner = containers.at(-1);
    switch (character) {
      case '{':
      case '[':
        containers.push(character === '{' ? { names: new Set(), at: '' } : { names: undefined, at: 0 });
        isName = character === '{';
        break;
      case '}':
      case ']':
        containers.pop();
        isName = false;
        break;
      case ',':
        if (typeof inner?.at === 'number') inner.at += 1;
        isName = inner?.names !== undefined;
        break;
      case '"': {
        const end = endOfString(text, i);
        if (isName && inner?.names) {
          inner.at = JSON.parse(text.slice(i, end + 1)) as string;
          if (inner.names.has(inner.at)) found.push({ path: path(), message: 'is given more than once' });
          inner.names.add(inner.at);
          isName = false;
        }
        i = end;
        break;
      }
      default:
        if (character === '-' || (character !== undefined && character >= '0' && character <= '9')) {
          const end = endOfNumber(text, i);
          const message = changedNumber(text.slice(i, end));
          if (message !== undefined) found.push({ path: path(), message });
          i = end - 1;
        }
    }
  }
  return found;
}

/**
 * Says how a number as it is written would change in meaning; undefined where it does not. Fractions are rounded as by every
 * JSON parser, which is no change of meaning.
 */
export function changedNumber(written: string): string | undefined {
  if (written.length < shortNumber && !/e/i.test(written)) return undefined;
  const value = Number(written);
  const shown = written.length > 40 ? `${written.slice(0, 40)}...` : written;
  const because = `cannot be kept as a number: ${shown}`;
  if (!Number.isFinite(value)) return `${because} is too large; write it as text`;
  if (value === 0 && /[1-9]/.test(written.replace(/e.*/i, ''))) return `${because} would become 0; write it as text`;
  // As JavaScript writes it, such as 12345678901234567000, it is read again as the same number.
  if (/^-?\d+$/.test(written) && String(value) !== written && BigInt(written) !== BigInt(value)) {
    return `${because} would become ${value}; write it as text`;
  }
  return undefined;
}

/** @returns the index of the closing quote */
function endOfString(text: string, start: number): number {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (isEscaped(text, end));
  return end;
}

function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text[first - 1] === '\\') first -= 1;
  return (index - first) % 2 === 1;
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (/[\d.eE+-]/.test(text[end] ?? '')) end += 1;
  return end;
}
