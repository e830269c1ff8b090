const strict = new TextDecoder('utf-8', { fatal: true });

/** The text that the bytes are in UTF-8; undefined where they are not UTF-8. */
export function decodedUtf8(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
