/** What JSON parsing would change silently: numbers that JavaScript cannot represent, and duplicate fields. */

import { maxListed } from './problem.ts';

export interface ParsingChange {
  path: (string | number)[];
  message: string;
}

/** A container that the scanner is in, with its current position: a field name, or an index. */
interface Container {
  /** The fields seen so far; undefined in a list. */
  names: Set<string> | undefined;
  at: string | number;
}

/** Numbers with fewer characters and no exponent keep their meaning. */
const shortInteger = 16;
const shortFraction = 300;

const codeOf = (character: string) => character.charCodeAt(0);
const [quote, backslash, comma] = [codeOf('"'), codeOf('\\'), codeOf(',')];
const [openBrace, closeBrace, openBracket, closeBracket] = [codeOf('{'), codeOf('}'), codeOf('['), codeOf(']')];
const [zero, nine, minus, plus, point] = [codeOf('0'), codeOf('9'), codeOf('-'), codeOf('+'), codeOf('.')];
const [lowerE, upperE] = [codeOf('e'), codeOf('E')];

/**
 * Finds what `JSON.parse` would change silently, in one pass that takes about as long as parsing.
 * @param text valid JSON
 */
export function changedByParsing(text: string): ParsingChange[] {
  const found: ParsingChange[] = [];
  const containers: Container[] = [];
  let inner: Container | undefined;
  let isName = false;
  const note = (message: string) => found.push({ path: containers.map(({ at }) => at), message });
  for (let i = 0; i < text.length && found.length < maxListed; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      const end = endOfString(text, i);
      if (isName && inner?.names) {
        inner.at = nameIn(text, i, end);
        if (inner.names.has(inner.at)) note('is given more than once');
        inner.names.add(inner.at);
        isName = false;
      }
      i = end;
    } else if (code === comma) {
      if (typeof inner?.at === 'number') inner.at += 1;
      isName = inner?.names !== undefined;
    } else if (code === minus || isDigit(code)) {
      const end = endOfNumber(text, i);
      const message = mayChange(text, i, end) ? changedNumber(text.slice(i, end)) : undefined;
      if (message !== undefined) note(message);
      i = end - 1;
    } else if (code === openBrace || code === openBracket) {
      isName = code === openBrace;
      inner = isName ? { names: new Set(), at: '' } : { names: undefined, at: 0 };
      containers.push(inner);
    } else if (code === closeBrace || code === closeBracket) {
      containers.pop();
      inner = containers.at(-1);
      isName = false;
    }
  }
  return found;
}

/**
 * Says how the meaning of a number would change; undefined if it would not. Fractions are rounded by every JSON parser,
 * which is no change of meaning.
 */
export function changedNumber(written: string): string | undefined {
  const value = Number(written);
  const shown = written.length > 40 ? `${written.slice(0, 40)}...` : written;
  const because = `cannot be kept as a number: ${shown}`;
  if (!Number.isFinite(value)) return `${because} is too large; write it as text`;
  if (value === 0 && /[1-9]/.test(written.replace(/e.*/i, ''))) return `${because} would become 0; write it as text`;
  // A number in JavaScript's own notation, such as 12345678901234567000, reads back as the same number.
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
  while (text.charCodeAt(first - 1) === backslash) first -= 1;
  return (index - first) % 2 === 1;
}

/** Most names contain no escapes and need no parsing. */
function nameIn(text: string, start: number, end: number): string {
  const written = text.slice(start + 1, end);
  return written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
}

const isDigit = (code: number) => code >= zero && code <= nine;

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && isInNumber(text.charCodeAt(end))) end += 1;
  return end;
}

const isInNumber = (code: number) =>
  isDigit(code) || code === point || isExponent(code) || code === minus || code === plus;
const isExponent = (code: number) => code === lowerE || code === upperE;

/** Whether a number needs a closer check: it is long or has an exponent. */
function mayChange(text: string, start: number, end: number): boolean {
  let isFraction = false;
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (isExponent(code)) return true;
    if (code === point) isFraction = true;
  }
  return end - start >= (isFraction ? shortFraction : shortInteger);
}
