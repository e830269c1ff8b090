// eslint-disable-next-line no-control-regex -- they are what must not reach the terminal
const controlCharacters = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Text of other people without what a terminal would obey: control characters are shown as `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(controlCharacters, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
