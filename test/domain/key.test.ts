import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  keyEntropyBytes,
  makeAccessKey,
  parseAuthorization,
  keyRefusal,
  type AccessKeyRequest,
} from '#shared/domain/access-key.ts';

const now = Date.UTC(2026, 10, 10);
const day = 24 * 3600 * 1000;
const newKey = (request: Partial<AccessKeyRequest> = {}) =>
  makeAccessKey({ role: 'viewer', ...request }, randomBytes(keyEntropyBytes), now);
const secretOf = (bearer: string) => bearer.split('_')[2] ?? '';

describe('a new key', () => {
  test('is mst_<12 characters>_<192 bits>, of which only a hash of the secret is stored', () => {
    const { record, bearer } = newKey();
    expect(bearer).toMatch(/^mst_[a-z0-9]{12}_[0-9a-f]{48}$/);
    expect(bearer).toContain(`mst_${record.id}_`);
    expect(JSON.stringify(record)).not.toContain(secretOf(bearer));
  });

  test('uses all of its randomness, none of it twice', () => {
    const entropy = Buffer.from(Array.from({ length: keyEntropyBytes }, (_, n) => n));
    const { bearer } = makeAccessKey({ role: 'admin' }, entropy, now);
    expect(bearer).toBe(`mst_000102030405_${entropy.subarray(6).toString('hex')}`);
  });

  test('expires the given number of days after it was made, or never', () => {
    expect(newKey({ expiresInDays: 90 }).record.expiresAt).toBe(now + 90 * day);
    expect(newKey().record).not.toHaveProperty('expiresAt');
  });
});

describe('the header Authorization', () => {
  test.each(['Bearer', 'bearer', 'BEARER'])('may be written with %s', (scheme) => {
    const { bearer, record } = newKey();
    expect(parseAuthorization(`${scheme} ${bearer}`)).toEqual({ id: record.id, secret: secretOf(bearer) });
  });

  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic bXN0Og==',
    'mst_a1b2c3d4e5f6_secret',
    'Bearer mst_a1b2c3d4e5f6_',
    'Bearer mst_a1b2c3_secret',
    'Bearer MST_a1b2c3d4e5f6_secret',
    'Bearer mst_A1B2C3D4E5F6_secret',
    'Bearer mst_a1b2c3d4e5f6_secret and more',
    `Bearer mst_a1b2c3d4e5f6_${'x'.repeat(10_000)}`,
    'Bearer mst_a1b2c3d4e5f6_one,Bearer mst_a1b2c3d4e5f6_two',
  ])('is rejected as %j', (header) => {
    expect(parseAuthorization(header)).toBeUndefined();
  });

  test('never throws, whatever its value', () => {
    fc.assert(fc.property(fc.string(), (header) => void parseAuthorization(header)));
  });
});

describe('a key is', () => {
  const { record, bearer } = newKey({ expiresInDays: 1 });
  const secret = secretOf(bearer);

  test('valid until the moment it expires', () => {
    expect(keyRefusal(record, secret, now + day - 1)).toBeUndefined();
    expect(keyRefusal(record, secret, now + day)).toBe('expired_key');
  });

  test('refused once revoked, even after it has expired', () => {
    expect(keyRefusal({ ...record, revokedAt: now }, secret, now)).toBe('revoked_key');
    expect(keyRefusal({ ...record, revokedAt: now }, secret, now + 2 * day)).toBe('revoked_key');
  });

  test('invalid if it does not exist or the secret differs, without further details', () => {
    expect(keyRefusal(undefined, secret, now)).toBe('invalid_key');
    expect(keyRefusal({ ...record, revokedAt: now }, `${secret}0`, now)).toBe('invalid_key');
    expect(keyRefusal(record, '', now + 2 * day)).toBe('invalid_key');
  });
});
