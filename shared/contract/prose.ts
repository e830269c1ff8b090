/*
 * Text for people (errors, reasons, progress messages) and measurements are accepted whatever they contain: a report
 * refused because of its wording would leave its task running until the lease expires. This file imports nothing
 * because the sdk bundles it.
 */

// Tabs and line breaks are kept.
const unreadable = /[[\p{Cc}\p{Cs}]--[\t\n\r]]/gv;

/**
 * Makes any text fit for people: control characters and lone surrogates are escaped, text that is too long keeps its
 * head and tail, and empty text becomes "no message given". Idempotent.
 * @param maxLength of the result, in UTF-16 code units
 */
export function asProse(text: string, maxLength: number): string {
  if (text.trim() === '') return 'no message given';
  const escaped = text.length <= maxLength ? escape(text) : undefined;
  if (escaped !== undefined && escaped.length <= maxLength) return escaped;
  const room = Math.floor((maxLength - leftOut(text.length).length) / 2);
  // One more than may fit, since the cut may split a character.
  const head = charactersThatFit(Array.from(text.slice(0, room + 1)), room);
  const tail = charactersThatFit(Array.from(text.slice(-room - 1)).reverse(), room).reverse();
  const count = text.length - head.join('').length - tail.join('').length;
  return escape(head.join('')) + leftOut(count) + escape(tail.join(''));
}

/** Ends a text with a period, unless it ends like a sentence or was shortened. */
export const asSentence = (text: string) => (/[.?!…]$/.test(text) ? text : `${text}.`);

const leftOut = (count: number) => ` ... ${count} characters left out ... `;

/** The leading characters that fit once they are escaped. */
function charactersThatFit(characters: string[], room: number): string[] {
  let length = 0;
  const tooMany = characters.findIndex((character) => (length += escape(character).length) > room);
  return tooMany === -1 ? characters : characters.slice(0, tooMany);
}

const escape = (text: string) => text.replace(unreadable, escaped);

/** One character as `\u001b`. */
export const escaped = (character: string) =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** About 31 years. */
const maxDurationMs = 1e12;

/** A duration in whole milliseconds, from 0 to about 31 years: a clock that was set back can make it negative. */
export const wholeMs = (ms: number) => Math.min(maxDurationMs, Math.max(0, Math.round(ms) || 0));

/** A whole percentage from 0 to 100; 0 for NaN. */
export const wholePercent = (percent: number) => Math.min(100, Math.max(0, Math.round(percent) || 0));
