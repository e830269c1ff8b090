import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

type Bytes = ArrayBuffer | ArrayBufferView;

const keys = new WeakMap<Bytes, KeyObject>();

/** The SDK keeps the key that it signs with for a day. */
function keyOf(secret: Bytes): KeyObject {
  const known = keys.get(secret);
  if (known) return known;
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(secret) ? secret : new Uint8Array(secret);
  const key = createSecretKey(new Uint8Array(buffer, byteOffset, byteLength));
  keys.set(secret, key);
  return key;
}

/**
 * The hashes of the SDK's signatures. Its own gives Node.js the key of each signature as bytes, which it finds to be no KeyObject by
 * an error that it throws and catches: that costs several times what the hash does.
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
