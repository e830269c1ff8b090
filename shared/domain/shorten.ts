const ellipsis = '…';

/** The size of a text as stored and sent. */
export const bytesOf = (text: string) => Buffer.byteLength(text);

/** The size of a text inside JSON. */
export const jsonBytesOf = (text: string) => bytesOf(JSON.stringify(text)) - 2;

/**
 * Shortens a text to at most this many bytes: keeps the beginning and adds an ellipsis. Never splits a character.
 * @param sizeOf the size of the text or of one of its characters
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
