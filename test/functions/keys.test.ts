import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '#shared/contract/operations.ts';
import type { Identity } from '#shared/operations/keys/authenticate.ts';
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

  // Used, and also sent in a wrong place.
  const { body } = await functions.call('create_task', {
    identity: { keyId: key_id, role: 'agent', agentId: 'researcher_bot' },
    body: { key },
  });
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

test('revoking a key twice returns the same, with the time of the first', async () => {
  const { key_id } = await functions.makeKey({ role: 'viewer' });
  const first = await functions.call('revoke_key', { path: { key_id } });
  const second = await functions.call('revoke_key', { path: { key_id } });
  expect(first).toMatchObject({ status: 200, body: { key_id, revoked_at: expect.any(String) as string } });
  expect(second).toEqual(first);
});

test('a key cannot revoke itself, so that no stage loses its last key by accident', async () => {
  const { key, key_id } = await functions.makeKey({ role: 'admin' });
  const { status, body } = await functions.call('revoke_key', {
    identity: await functions.identify(`Bearer ${key}`),
    path: { key_id },
  });
  expect({ status, body }).toMatchObject({
    status: 409,
    body: { code: 'own_key', detail: `Key ${key_id} sent this request; a key cannot revoke itself.` },
  });
  expect(await functions.identify(`Bearer ${key}`)).toMatchObject({ keyId: key_id });
});

describe("an agent's key with limits", () => {
  const limited = async (more: object) => {
    const input = { role: 'agent', agent_id: 'limited_bot', ...more };
    const { status, body } = await functions.call('create_key', { body: input });
    expect({ status, body }).toMatchObject({ status: 201, body: input });
    return functions.identify(`Bearer ${String(body['key'])}`);
  };
  const register = (identity: Identity, body: object) => functions.call('register_agent', { identity, body });

  test('can register and learn the capabilities it grants, and no others', async () => {
    const identity = await limited({ capabilities: ['python', 'sql'] });
    expect(await register(identity, { capabilities: ['sql'] })).toMatchObject({ status: 201 });
    expect(await register(identity, { capabilities: ['sql', 'deploy', 'root'] })).toMatchObject({
      status: 403,
      body: {
        code: 'capability_not_granted',
        detail: 'The key of agent limited_bot does not grant deploy; it grants python, sql.',
        errors: [
          { pointer: '/capabilities/1', message: 'deploy is not granted' },
          { pointer: '/capabilities/2', message: 'root is not granted' },
        ],
      },
    });
    const learn = (capability: string) =>
      functions.call('learn_capability', { identity, path: { agent_id: 'limited_bot' }, body: { capability } });
    expect(await learn('deploy')).toMatchObject({ status: 403, body: { code: 'capability_not_granted' } });
    const { body } = await learn('python');
    expect((body['capabilities'] as { name: string }[]).map(({ name }) => name).sort()).toEqual(['python', 'sql']);
  });

  test('grants no capability with an empty list', async () => {
    const identity = await limited({ agent_id: 'mute_bot', capabilities: [] });
    expect(await register(identity, { capabilities: ['sql'] })).toMatchObject({
      status: 403,
      body: { detail: 'The key of agent mute_bot does not grant sql; it grants no capability.' },
    });
    expect(await register(identity, {})).toMatchObject({ status: 201 });
  });

  test.each([
    ['the default', {}, 2],
    ['more', { max_concurrent_tasks: 9 }, 2],
    ['more in its metadata', { metadata: { max_concurrent_tasks: 9 } }, 2],
    ['less', { max_concurrent_tasks: 1 }, 1],
  ])('limits the concurrent tasks that it registers: %s', async (_, wanted, granted) => {
    const identity = await limited({ agent_id: 'capped_bot', max_concurrent_tasks: 2 });
    const { body } = await register(identity, wanted);
    expect(body['max_concurrent_tasks']).toBe(granted);
  });

  test.each([{ capabilities: ['sql'] }, { max_concurrent_tasks: 2 }])('requires the role agent: %j', async (limit) => {
    const [field = ''] = Object.keys(limit);
    const { status, body } = await functions.call('create_key', { body: { role: 'producer', ...limit } });
    expect({ status, errors: body.errors }).toEqual({
      status: 422,
      errors: [{ pointer: `/${field}`, message: 'is only for role agent' }],
    });
  });
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

test('an expired key is deleted a month after it expired', async () => {
  const { key_id } = await functions.makeKey({ role: 'viewer', expiresInDays: 1 }, Date.UTC(2026, 0, 1));
  const items = await functions.everything();
  expect(items.find(({ sk }) => sk === key_id)?.['ttl']).toBe(Date.UTC(2026, 1, 1) / 1000);
});

test('no tool for models manages keys', () => {
  expect(operations.filter(({ scope, tool }) => scope === 'keys:manage' && tool !== undefined)).toEqual([]);
});
