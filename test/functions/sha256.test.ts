import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { Sha256 } from '#shared/adapters/sha256.ts';

const ofTheSdk = new DynamoDBClient({ region: 'us-east-1' }).config.sha256 as typeof Sha256;
const text = new TextEncoder().encode('AWS4-HMAC-SHA256\n20261127T000000Z');

async function hexOf(Hash: typeof Sha256, secret?: ConstructorParameters<typeof Sha256>[0]): Promise<string> {
  const hash = new Hash(secret);
  hash.update(text);
  return Buffer.from(await hash.digest()).toString('hex');
}

const key = new Uint8Array(32).fill(7);
const part = new Uint8Array(64).fill(9).subarray(8, 40);

test.each([
  ['no key', undefined],
  ['a text', 'AWS4secret'],
  ['bytes', key],
  ['the same bytes again', key],
  ['other bytes', part],
  ['a buffer', key.slice().buffer],
])("matches the SDK's hash with %s", async (_, secret) => {
  expect(await hexOf(Sha256, secret)).toBe(await hexOf(ofTheSdk, secret));
});
