import { lazy } from './lazy.ts';
import { escaped } from './prose.ts';

/**
 * Joiners in their proper use: combining emoji, and joining or separating letters of scripts without capitals, such as
 * Persian and Hindi. Anywhere else they only hide.
 */
const joiner = String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})|(?<=[\p{Lo}\p{M}])[\u200C\u200D](?=[\p{Lo}\p{M}])`;

/**
 * Characters that must not reach a terminal or log unescaped, because they are obeyed (control characters), reorder
 * other text (bidirectional controls) or are invisible (zero-width and other ignorable characters, lone surrogates).
 * Tabs, line breaks and emoji variation selectors are allowed.
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
 * Makes untrusted text safe for a terminal or log: invisible characters and control characters are shown as `\u001b`.
 * In serialized JSON, such characters occur only inside strings, where these escapes mean the same.
 */
export const printable = (text: string) => text.replace(unprintable(), escaped);

/** JSON without invisible characters. */
export const printableJson = (value: unknown, space?: number) => printable(JSON.stringify(value, null, space));
