import { createHash, timingSafeEqual } from 'node:crypto';
import type { Role } from '../contract/nouns.ts';
import type { Code } from '../contract/problem.ts';

/** A key as stored: everything except its secret. Times are milliseconds since 1970 by the server's clock. */
export interface AccessKeyRecord {
  id: string;
  role: Role;
  /** The agent that the key belongs to; only for role agent. */
  agentId?: string;
  /** The only capabilities that the key may register or learn. */
  capabilities?: readonly string[];
  /** The highest `max_concurrent_tasks` that the key may register. */
  maximum?: number;
  name?: string;
  /** SHA-256 of the secret, in hex. */
  secretHash: string;
  createdAt: number;
  expiresAt?: number;
  revokedAt?: number;
}

/** What a new key should be. */
export interface AccessKeyRequest {
  role: Role;
  agentId?: string | undefined;
  capabilities?: readonly string[] | undefined;
  maximum?: number | undefined;
  name?: string | undefined;
  expiresInDays?: number | undefined;
}

/** Random bytes in a new key: 6 for its id, 24 for its secret. */
export const keyEntropyBytes = 30;

/** Expired keys are kept this long, so that clients that still use them learn why they are refused. */
export const expiredKeyKeptMs = 30 * 24 * 3600 * 1000;

const dayMs = 24 * 3600 * 1000;

/**
 * Makes a key from random bytes.
 * @param entropy `keyEntropyBytes` cryptographically secure random bytes
 * @returns the record to store, and the bearer token, which is stored nowhere
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

/** Parses the header `Authorization: Bearer mst_<key id>_<secret>`; undefined if it has any other form. */
export function parseAuthorization(header: string | undefined): { id: string; secret: string } | undefined {
  const match = /^[Bb][Ee][Aa][Rr][Ee][Rr] +mst_([a-z0-9]{12})_([A-Za-z0-9]{1,128})$/.exec(header ?? '');
  return match?.[1] !== undefined && match[2] !== undefined ? { id: match[1], secret: match[2] } : undefined;
}

/**
 * Why a key is refused; undefined if it is valid. Only the holder of the secret learns that a key is revoked or
 * expired.
 */
export function keyRefusal(key: AccessKeyRecord | undefined, secret: string, now: number): Code | undefined {
  if (!key || !timingSafeEqual(Buffer.from(key.secretHash, 'hex'), hash(secret))) return 'invalid_key';
  if (key.revokedAt !== undefined) return 'revoked_key';
  if (key.expiresAt !== undefined && key.expiresAt <= now) return 'expired_key';
  return undefined;
}

// One round of a fast hash is enough: slow hashes protect passwords, and nobody can brute-force 192 random bits.
const hash = (secret: string) => createHash('sha256').update(secret).digest();
