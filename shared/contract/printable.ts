import { lazy } from './lazy.ts';
import { escaped } from './prose.ts';

/**
 * Joiners that do what they are for: they make one emoji of several, and join or part the letters of scripts without capitals, as
 * in Persian and Hindi. Elsewhere they only hide.
 */
const joiner = String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})|(?<=[\p{Lo}\p{M}])[\u200C\u200D](?=[\p{Lo}\p{M}])`;

/**
 * What must not reach a terminal or a log as it is: it is obeyed (control characters), moves other text (bidirectional
 * controls) or cannot be seen (zero-width and other ignorable characters, lone surrogates). Tabs and line breaks stay, and so do
 * the selectors that make an emoji of a sign.
 */
const unprintable = lazy(
  () =>
    new RegExp(
      // eslint-disable-next-line no-misleading-character-class -- the selectors are taken out of the class one by one
      String.raw`(?!${joiner})[[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\uFFF9-\uFFFB]--[\t\n\uFE0E\uFE0F]]`,
      'gv',
    ),
);

/**
 * Text of other people for a terminal or a log: what cannot be seen or would be obeyed is shown as `\u001b`. In JSON that has
 * been written, such characters are inside of strings, where these escapes mean the same.
 */
export const printable = (text: string) => text.replace(unprintable(), escaped);

/** JSON of a value in which nothing is invisible. */
export const printableJson = (value: unknown, space?: number) => printable(JSON.stringify(value, null, space));
