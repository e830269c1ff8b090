import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../contract/nouns.ts';
import type { Code } from '../contract/problem.ts';

/** A key as it is stored: everything but its secret. Times are milliseconds since 1970, by the server's clock. */
export interface AccessKeyRecord {
  id: string;
  role: Role;
  /** The agent that it belongs to; only for role agent. */
  agentId?: string;
  /** The only capabilities that it may register or learn. */
  capabilities?: readonly string[];
  /** What it registers may hold so many tasks at once at most. */
  maximum?: number;
  name?: string;
  /** SHA-256 of the secret, in hexadecimal. */
  secretHash: string;
  createdAt: number;
  expiresAt?: number;
  revokedAt?: number;
}

/** What a new key is to be. */
export interface AccessKeyRequest {
  role: Role;
  agentId?: string | undefined;
  capabilities?: readonly string[] | undefined;
  maximum?: number | undefined;
  name?: string | undefined;
  expiresInDays?: number | undefined;
}

/** How many bytes of chance a new key takes: 6 for its id, 24 for its secret. */
export const keyEntropyBytes = 30;

/** An expired key is kept this long after its end, so that whoever still uses it is told why it is refused. */
export const expiredKeyKeptMs = 30 * 24 * 3600 * 1000;

const dayMs = 24 * 3600 * 1000;

/**
 * Makes a key out of chance.
 * @param entropy `keyEntropyBytes` cryptographically strong random bytes
 * @returns the record to store, and the bearer token, which is not stored anywhere
 */
export function makeAccessKey(
  request: AccessKeyRequest,
  entropy: Buffer,
  now: number,
): { record: AccessKeyRecord; bearer: string } {
  const id = entropy.subarray(0, 6).toString('hex');
  const secret = entropy.subarray(6, keyEntropyBytes).toString('hex');
  const { role, agentId, capabilities, maximum, name, expiresInDays } = request;
  return {
    bearer: `mst_${id}_${secret}`,
    record: {
      id,
      role,
      ...(agentId !== undefined && { agentId }),
      ...(capabilities !== undefined && { capabilities: [...new Set(capabilities)].sort() }),
      ...(maximum !== undefined && { maximum }),
      ...(name !== undefined && { name }),
      secretHash: hash(secret).toString('hex'),
      createdAt: now,
      ...(expiresInDays !== undefined && { expiresAt: now + expiresInDays * dayMs }),
    },
  };
}

/** Takes the header `Authorization: Bearer mst_<key id>_<secret>` apart; undefined when it has another shape. */
export function parseAuthorization(header: string | undefined): { id: string; secret: string } | undefined {
  const match = /^[Bb][Ee][Aa][Rr][Ee][Rr] +mst_([a-z0-9]{12})_([A-Za-z0-9]{1,128})$/.exec(header ?? '');
  return match?.[1] !== undefined && match[2] !== undefined ? { id: match[1], secret: match[2] } : undefined;
}

/** Why a key is refused; undefined when it is good. Only the holder of the secret learns that a key is revoked or expired. */
export function keyRefusal(key: AccessKeyRecord | undefined, secret: string, now: number): Code | undefined {
  if (!key || !timingSafeEqual(Buffer.from(key.secretHash, 'hex'), hash(secret))) return 'invalid_key';
  if (key.revokedAt !== undefined) return 'revoked_key';
  if (key.expiresAt !== undefined && key.expiresAt <= now) return 'expired_key';
  return undefined;
}

// One round of a fast hash is enough: a slow one protects secrets that people choose, and nobody can search 192 random bits.
const hash = (secret: string) => createHash('sha256').update(secret).digest();
