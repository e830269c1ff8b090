/** What a test has others write, in every field. */
export interface Words {
  /** A text of one line, at most `maximum` bytes long. */
  text: (plain: string, maximum: number) => string;
  /** A name of an agent, a capability or a type, made of `plain`, which is unique. */
  name: (plain: string) => string;
}

export const plainWords: Words = { text: (plain) => plain, name: (plain) => plain };

/** What would run if any page took text for markup. It calls what no page has, so that it would be seen on the console. */
export const markup = '<img src=x onerror=hostile()><script>hostile()</script><b>bold</b>';

/** Moves other text, if it is not contained. */
export const bidi = '\u202Eexe.gpj\u2066\u05E9\u05DC\u05D5\u05DD';

export const emoji = '👩‍👩‍👧‍👦🏳️‍🌈';

const longWord = 'W'.repeat(10_000);
const hostile = `${markup} ${bidi} ${emoji} {{7*7}} \${7*7} javascript:hostile() ${longWord}`;

/** As bad as a field allows: everything above, up to its limit. */
export const hostileWords: Words = {
  text: (_, maximum) => cut(hostile, maximum),
  name: (plain) => plain.padEnd(64, 'W'),
};

/** At most as many bytes of UTF-8, in whole characters. */
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
