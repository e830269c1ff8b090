/*
 * What people read (errors, reasons, messages of progress) and what is only measured is taken as it comes: a report that was
 * refused for its prose would leave its task running until the lease expires. Imports nothing: the sdk brings it along.
 */

// Tabs and line breaks are kept.
const unreadable = /[[\p{Cc}\p{Cs}]--[\t\n\r]]/gv;

/**
 * Text for people, whatever it was: control characters and halves of characters are escaped, what is too long keeps its
 * beginning and its end, and nothing becomes "no message given". Applied twice, it changes nothing more.
 * @param maxLength of the result, in UTF-16 code units
 */
export function asProse(text: string, maxLength: number): string {
  if (text.trim() === '') return 'no message given';
  const escaped = text.length <= maxLength ? escape(text) : undefined;
  if (escaped !== undefined && escaped.length <= maxLength) return escaped;
  const room = Math.floor((maxLength - leftOut(text.length).length) / 2);
  // One more than may fit, since the cut can go through a character.
  const head = charactersThatFit(Array.from(text.slice(0, room + 1)), room);
  const tail = charactersThatFit(Array.from(text.slice(-room - 1)).reverse(), room).reverse();
  const count = text.length - head.join('').length - tail.join('').length;
  return escape(head.join('')) + leftOut(count) + escape(tail.join(''));
}

const leftOut = (count: number) => ` ... ${count} characters left out ... `;

/** As many of the characters as fit when they are escaped. */
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

/** A duration in whole milliseconds, from 0 to about 31 years: clocks are set back at times. */
export const wholeMs = (ms: number) => Math.min(maxDurationMs, Math.max(0, Math.round(ms) || 0));

/** A percentage from 0 to 100, without a fraction; 0 for what is not a number. */
export const wholePercent = (percent: number) => Math.min(100, Math.max(0, Math.round(percent) || 0));
