const ellipsis = '…';

/** How many bytes a text takes as it is stored and sent. */
export const bytesOf = (text: string) => Buffer.byteLength(text);

/** A text of at most so many bytes: of what is too long the beginning, with an ellipsis. No character is cut in two. */
export function shortenedTo(text: string, maxBytes: number): string {
  if (bytesOf(text) <= maxBytes) return text;
  let kept = '';
  let room = maxBytes - bytesOf(ellipsis);
  for (const character of text) {
    room -= bytesOf(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}${ellipsis}`;
}
