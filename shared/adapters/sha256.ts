import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

type Bytes = ArrayBuffer | ArrayBufferView;

const keys = new WeakMap<Bytes, KeyObject>();

/** The SDK keeps its signing key for a day. */
function keyOf(secret: Bytes): KeyObject {
  const known = keys.get(secret);
  if (known) return known;
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(secret) ? secret : new Uint8Array(secret);
  const key = createSecretKey(new Uint8Array(buffer, byteOffset, byteLength));
  keys.set(secret, key);
  return key;
}

/**
 * The hash for the SDK's signatures. The SDK's own passes each key to Node.js as bytes, and Node.js finds out that they
 * are not a KeyObject by throwing and catching an error, which costs several times as much as the hash.
 */
export class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  /** @param secret for an HMAC */
  constructor(secret?: string | Bytes) {
    if (secret === undefined) this.#hash = createHash('sha256');
    else this.#hash = createHmac('sha256', typeof secret === 'string' ? secret : keyOf(secret));
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}
