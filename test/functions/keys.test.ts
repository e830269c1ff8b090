import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '#shared/contract/operations.ts';
import { startFunctions, type Functions } from './api.ts';

let functions: Functions;
beforeAll(async () => {
  functions = await startFunctions();
});
afterAll(() => functions.stop());

test('a key is shown once, works, and its secret is in no table, list or log', async () => {
  const made = await functions.call('create_key', { body: { role: 'agent', agent_id: 'researcher_bot', name: 'Ada' } });
  expect(made.status).toBe(201);
  const { key, key_id, created_at } = made.body as unknown as Record<'key' | 'key_id' | 'created_at', string>;
  expect(await functions.identify(`Bearer ${key}`)).toMatchObject({ keyId: key_id, agentId: 'researcher_bot' });

  const listed = await functions.call('list_keys');
  expect(listed.body['keys']).toContainEqual({
    key_id,
    created_at,
    role: 'agent',
    agent_id: 'researcher_bot',
    name: 'Ada',
  });

  // Used, and sent where it does not belong.
  const { body } = await functions.call('create_task', { identity: { keyId: key_id, role: 'agent' }, body: { key } });
  expect(body.code).toBe('missing_scope');

  const secret = key.split('_')[2] ?? '';
  for (const place of [
    JSON.stringify(await functions.everything()),
    JSON.stringify(listed.body),
    functions.logged.join(''),
  ]) {
    expect(place).toContain(key_id);
    expect(place).not.toContain(secret);
  }
});

test('revoking a key twice is answered the same, with the time of the first', async () => {
  const { key_id } = await functions.makeKey({ role: 'viewer' });
  const first = await functions.call('revoke_key', { path: { key_id } });
  const second = await functions.call('revoke_key', { path: { key_id } });
  expect(first).toMatchObject({ status: 200, body: { key_id, revoked_at: expect.any(String) as string } });
  expect(second).toEqual(first);
});

test('a key that does not exist cannot be revoked', async () => {
  const { status, body } = await functions.call('revoke_key', { path: { key_id: '000000000000' } });
  expect({ status, code: body.code }).toEqual({ status: 404, code: 'key_not_found' });
});

test('keys are listed page by page, each once', async () => {
  const made = await Promise.all(Array.from({ length: 5 }, () => functions.makeKey({ role: 'viewer', name: 'paged' })));
  const found: string[] = [];
  let cursor: unknown;
  do {
    const query = `limit=2${typeof cursor === 'string' ? `&cursor=${cursor}` : ''}`;
    const { body } = await functions.call('list_keys', { query });
    found.push(...(body['keys'] as { key_id: string }[]).map(({ key_id }) => key_id));
    cursor = body['next_cursor'];
  } while (cursor !== undefined);
  expect(new Set(found).size).toBe(found.length);
  expect(found).toEqual(expect.arrayContaining(made.map(({ key_id }) => key_id)));
});

test('an expired key is deleted a month after its end', async () => {
  const { key_id } = await functions.makeKey({ role: 'viewer', expiresInDays: 1 }, Date.UTC(2026, 0, 1));
  const items = await functions.everything();
  expect(items.find(({ sk }) => sk === key_id)?.['ttl']).toBe(Date.UTC(2026, 1, 1) / 1000);
});

test('no tool for models manages keys', () => {
  expect(operations.filter(({ scope, tool }) => scope === 'keys:manage' && tool !== undefined)).toEqual([]);
});
