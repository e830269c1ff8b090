const ellipsis = '…';

/** How many bytes a text takes as it is stored and sent. */
export const bytesOf = (text: string) => Buffer.byteLength(text);

/** How many bytes a text takes within JSON. */
export const jsonBytesOf = (text: string) => bytesOf(JSON.stringify(text)) - 2;

/**
 * A text of at most so many bytes: of what is too long the beginning, with an ellipsis. No character is cut in two.
 * @param sizeOf what the text or one of its characters takes
 */
export function shortenedTo(text: string, maxBytes: number, sizeOf = bytesOf): string {
  if (sizeOf(text) <= maxBytes) return text;
  let kept = '';
  let room = maxBytes - bytesOf(ellipsis);
  for (const character of text) {
    room -= sizeOf(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}${ellipsis}`;
}
