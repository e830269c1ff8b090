import { expect, test } from '../support/moved-muster.ts';

const cacheMs = 60_000;

test('a key can do what its role allows and nothing else', async ({ muster }) => {
  const producer = (await muster.call('create_key', { role: 'producer' })).key;
  const viewer = (await muster.call('create_key', { role: 'viewer' })).key;

  const { task_id } = await muster.call('create_task', { content: 'x', routing: 'manual' }, producer);
  expect((await muster.call('get_task', { task_id }, viewer)).status).toBe('pending');
  expect(await muster.refusal('create_task', { content: 'x' }, viewer)).toMatchObject({
    status: 403,
    code: 'missing_scope',
    detail: 'create_task requires the scope tasks:create, which the role viewer does not have.',
  });
  expect(await muster.refusal('cancel_task', { task_id }, viewer)).toMatchObject({ code: 'missing_scope' });
  expect(await muster.refusal('start_task', { task_id }, producer)).toMatchObject({ code: 'missing_scope' });
  expect(await muster.refusal('list_keys', {}, producer)).toMatchObject({ code: 'missing_scope' });
  expect((await muster.call('cancel_task', { task_id }, producer)).status).toBe('cancelled');
});

test('a caller can look up what its key allows, and where', async ({ muster }) => {
  const agent_id = muster.name('own');
  const { key, key_id } = await muster.call('create_key', { role: 'agent', agent_id, name: 'laptop' });
  const caller = await muster.call('get_caller', {}, key);
  expect(caller).toMatchObject({
    key_id,
    name: 'laptop',
    role: 'agent',
    scopes: ['tasks:work', 'read', 'agents:write'],
    agent_id,
  });
  expect(caller.region).toMatch(/^[a-z]+-[a-z]+-\d$/);
  expect(caller.stage).toMatch(/^\w/);
  const { role, agent_id: none } = await muster.call('get_caller', {});
  expect([role, none]).toEqual(['admin', undefined]);
});

test("an agent's key acts as its own agent, which it need not name, and as no other", async ({ muster }) => {
  const [own, other] = muster.names('own', 'other');
  const key = (await muster.call('create_key', { role: 'agent', agent_id: own })).key;
  await muster.agent('other');

  expect((await muster.call('register_agent', { capabilities: [] }, key)).agent_id).toBe(own);
  const task_id = await muster.create({ requirements: [] });
  await muster.call('assign_task', { task_id, agent_id: own });
  expect((await muster.call('start_task', { task_id }, key)).assigned_to).toBe(own);
  await muster.call('complete_task', { task_id, result: 1 }, key);

  const held = await muster.create({ requirements: [] });
  await muster.call('assign_task', { task_id: held, agent_id: other });
  for (const refused of [
    muster.refusal('claim_tasks', { agent_id: other }, key),
    muster.refusal('start_task', { task_id: held, agent_id: other }, key),
    muster.refusal('register_agent', { agent_id: other }, key),
    muster.refusal('deregister_agent', { agent_id: other }, key),
  ]) {
    expect(await refused).toMatchObject({ status: 403, code: 'other_agent' });
  }
  expect(await muster.refusal('start_task', { task_id: held }, key)).toMatchObject({ status: 409, code: 'not_holder' });
  expect(await muster.task(held)).toMatchObject({ status: 'assigned', assigned_to: other });
});

test('a revoked key is refused within a minute, with the reason', async ({ muster }) => {
  const { key, key_id } = await muster.call('create_key', { role: 'viewer' });
  await muster.call('get_queue_statistics', {}, key);

  const revoked = await muster.call('revoke_key', { key_id });
  expect(await muster.call('revoke_key', { key_id })).toEqual(revoked);
  await muster.clock.advance(cacheMs);
  expect(await muster.refusal('get_queue_statistics', {}, key)).toMatchObject({ status: 401, code: 'revoked_key' });
});

test('a key works until it expires', async ({ muster }) => {
  const { key } = await muster.call('create_key', { role: 'viewer', expires_in_days: 1 });
  await muster.clock.advance('23h');
  await muster.call('get_queue_statistics', {}, key);
  await muster.clock.advance('1h');
  expect(await muster.refusal('get_queue_statistics', {}, key)).toMatchObject({ status: 401, code: 'expired_key' });
});

test('an unknown key is refused, and the response says how to send one', async ({ muster }) => {
  const key = `mst_000000000000_${'0'.repeat(48)}`;
  const { status, headers, body } = await muster.http('GET', '/v1/tasks', undefined, key);
  expect({ status, body }).toMatchObject({ status: 401, body: { code: 'invalid_key' } });
  expect(headers.get('www-authenticate')).toContain('Bearer');
});

test('keys are listed without their secrets', async ({ muster }) => {
  const { key, ...shown } = await muster.call('create_key', { role: 'viewer', name: muster.name('listed') });
  const { keys } = await muster.call('list_keys', { limit: 100 });
  expect(keys).toContainEqual(shown);
  expect(JSON.stringify(keys)).not.toContain(key.split('_')[2]);
});

test('the API description is public', async ({ muster }) => {
  const { status, body } = await muster.http('GET', '/openapi.json', undefined, '');
  expect({ status, openapi: body['openapi'] }).toEqual({ status: 200, openapi: '3.1.1' });
});
