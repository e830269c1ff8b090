const strict = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8; undefined if the bytes are not valid UTF-8. */
export function decodedUtf8(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
