import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examples } from '#shared/contract/transports/examples.ts';
import type { Role } from '#shared/contract/nouns.ts';
import { type Operation, type Scope, scopesOf } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import { startFunctions, type Functions } from './api.ts';

let functions: Functions;
beforeAll(async () => {
  functions = await startFunctions();
});
afterAll(() => functions.stop());

/** Repeated here, so that a mistake in the contract is noticed. */
const mayDo: Record<Role, Scope[]> = {
  admin: ['agents:write', 'keys:manage', 'read', 'tasks:create', 'tasks:manage', 'tasks:work'],
  producer: ['read', 'tasks:create', 'tasks:manage'],
  agent: ['agents:write', 'read', 'tasks:work'],
  viewer: ['read'],
};
const roles = Object.keys(mayDo) as Role[];
const identityOf = (role: Role) => ({ keyId: `${role}-key`, role, ...(role === 'agent' && { agentId: 'own_bot' }) });
const pathOf = ({ route }: Operation) => ({
  ...(route.includes('{task_id}') && { task_id: 'some-task' }),
  ...(route.includes('{agent_id}') && { agent_id: 'own_bot' }),
  ...(route.includes('{key_id}') && { key_id: '000000000000' }),
});

test.each(roles)('role %s has the right scopes', (role) => {
  expect([...scopesOf[role]].sort()).toEqual(mayDo[role]);
});

describe.each(operations)('$name', (operation) => {
  test.each(roles)('is open to role %s if it has the scope', async (role) => {
    const { status, body } = await functions.call(operation.name, {
      identity: identityOf(role),
      path: pathOf(operation),
      ...(operation.route.startsWith('POST') && { body: {} }),
    });
    const isAllowed = operation.scope === 'public' || mayDo[role].includes(operation.scope);
    if (isAllowed) expect(status).not.toBe(403);
    else expect({ status, code: body.code }).toEqual({ status: 403, code: 'missing_scope' });
    expect(status).toBeLessThan(500);
  });
});

const forAgents = operations.filter(({ scope }) => scope === 'tasks:work' || scope === 'agents:write');

describe.each(forAgents)("an agent's key with $name", (operation) => {
  const path = pathOf(operation);
  const example = Object.entries(examples[operation.name as keyof typeof examples].input);
  const fields = Object.fromEntries(example.filter(([field]) => !(field in path)));
  const request = (agent_id: string) => ({
    identity: identityOf('agent'),
    path: { ...path, ...('agent_id' in path && { agent_id }) },
    ...(operation.route.startsWith('POST') && { body: { ...fields, ...(!('agent_id' in path) && { agent_id }) } }),
  });

  test('acts for no other agent', async () => {
    const before = await functions.everything();
    const { status, body } = await functions.call(operation.name, request('other_bot'));
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'other_agent' });
    expect(await functions.everything()).toEqual(before);
  });

  test('acts for its own', async () => {
    const { status } = await functions.call(operation.name, request('own_bot'));
    expect(status).not.toBe(403);
    expect(status).toBeLessThan(500);
  });
});
