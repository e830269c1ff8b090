import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFunctions, type Functions } from './api.ts';

let functions: Functions;
beforeAll(async () => {
  functions = await startFunctions();
});
afterAll(() => functions.stop());

test('a valid key identifies its holder', async () => {
  const { key, key_id } = await functions.makeKey({ role: 'producer' });
  expect(await functions.identify(`Bearer ${key}`)).toEqual({ keyId: key_id, role: 'producer' });
});

test("an agent's key identifies its agent", async () => {
  const { key, key_id } = await functions.makeKey({ role: 'agent', agentId: 'researcher_bot' });
  expect(await functions.identify(`bearer ${key}`)).toEqual({
    keyId: key_id,
    role: 'agent',
    agentId: 'researcher_bot',
  });
});

test.each([
  ['another secret', (key: string) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`],
  ['a part of the secret', (key: string) => key.slice(0, -1)],
  ['an unknown id', (key: string) => key.replace(/^mst_.{12}/, 'mst_000000000000')],
  ['no key at all', () => 'x'],
])('%s is refused as invalid_key', async (_, forge) => {
  const { key } = await functions.makeKey({ role: 'admin' });
  expect(await functions.identify(`Bearer ${forge(key)}`)).toEqual({ refusal: 'invalid_key' });
});

test('an expired key is refused as expired_key', async () => {
  const { key } = await functions.makeKey({ role: 'admin', expiresInDays: 1 }, Date.now() - 25 * 3600 * 1000);
  expect(await functions.identify(`Bearer ${key}`)).toEqual({ refusal: 'expired_key' });
});

test('a revoked key is refused as revoked_key', async () => {
  const { key, key_id } = await functions.makeKey({ role: 'admin' });
  await functions.accessKeys.revoke(key_id, Date.now());
  expect(await functions.identify(`Bearer ${key}`)).toEqual({ refusal: 'revoked_key' });
});

test.each(['invalid_key', 'expired_key', 'revoked_key'] as const)('%s gets 401', async (refusal) => {
  const { status, headers, body } = await functions.call('list_keys', { identity: { refusal } });
  expect({ status, code: body.code }).toEqual({ status: 401, code: refusal });
  // The key sent is refused; without one, the challenge would ask for it (RFC 6750, section 3).
  expect(headers['www-authenticate']).toBe('Bearer realm="Muster"');
  const sent = { authorization: 'Bearer x' };
  const refused = await functions.call('list_keys', { identity: { refusal }, headers: sent });
  expect(refused.headers['www-authenticate']).toBe(
    `Bearer realm="Muster", error="invalid_token", error_description="${refused.body.detail}"`,
  );
});

test('a request that no authorizer has seen is refused', async () => {
  const { status, body } = await functions.call('list_keys', { identity: undefined });
  expect({ status, code: body.code }).toEqual({ status: 401, code: 'invalid_key' });
});

test.each([{}, { keyId: 'k' }, { role: 'admin' }, { keyId: 'k', role: 'owner' }, { keyId: 'k', role: 'agent' }])(
  'a request with the authorizer result %j is refused',
  async (identity) => {
    const { status, body } = await functions.call('get_task', { identity: identity as never });
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'invalid_key' });
  },
);

test("while keys cannot be read, all callers are refused and told to retry after API Gateway's cache expires", async () => {
  const { key } = await functions.makeKey({ role: 'admin' });
  const endTrouble = functions.edge.intercept((call, next) =>
    call.action === 'GetItem' ? Promise.resolve({ status: 500, headers: {}, body: '{}' }) : next(),
  );
  const identity = await functions.identify(`Bearer ${key}`);
  endTrouble();
  expect(identity).toEqual({ refusal: 'unavailable' });
  const { status, headers, body } = await functions.call('list_keys', { identity });
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
  expect(headers['retry-after']).toBe('60');
});
