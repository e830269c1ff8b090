/** The texts that a test puts into every field. */
export interface Words {
  /** A single line of at most `maximum` bytes. */
  text: (plain: string, maximum: number) => string;
  /** A name of an agent, a capability or a type, derived from `plain`, which is unique. */
  name: (plain: string) => string;
}

export const plainWords: Words = { text: (plain) => plain, name: (plain) => plain };

/**
 * Would run if a page interpreted text as markup. It calls an undefined function, so that the console would show it.
 */
export const markup = '<img src=x onerror=hostile()><script>hostile()</script><b>bold</b>';

/** Changes the direction of other text unless isolated. */
export const bidi = '\u202Eexe.gpj\u2066\u05E9\u05DC\u05D5\u05DD';

export const emoji = '👩‍👩‍👧‍👦🏳️‍🌈';

const longWord = 'W'.repeat(10_000);
const hostile = `${markup} ${bidi} ${emoji} {{7*7}} \${7*7} javascript:hostile() ${longWord}`;

/** As hostile as a field allows: all of the above, up to its limit. */
export const hostileWords: Words = {
  text: (_, maximum) => cut(hostile, maximum),
  name: (plain) => plain.padEnd(64, 'W'),
};

/** Truncates to this many UTF-8 bytes, without splitting a character. */
function cut(text: string, bytes: number): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}
