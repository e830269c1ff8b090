import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, test } from 'vitest';
import type { Role } from '#shared/contract/nouns.ts';
import { scopesOf, type Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import { operationOf, toolsFor } from '#shared/contract/transports/tools.ts';
import { seedTools } from '../support/seed-tools.ts';

const rows: readonly Operation[] = operations;
const all = toolsFor(scopesOf.admin);
const namesFor = (role: Role) => toolsFor(scopesOf[role]).map(({ name }) => name);

test('the tools are those of the table, in its order, each once', () => {
  const inTable = rows.flatMap(({ tool }) => tool ?? []);
  expect(all.map(({ name }) => name)).toEqual([...new Set(inTable)]);
});

test('the 18 tools of the seed are there', () => {
  expect(seedTools).toHaveLength(18);
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(seedTools));
});

test('keys are never managed by a model, and counts are not rebuilt by one', () => {
  const managed = rows.filter(({ scope }) => scope === 'keys:manage');
  expect(managed.map(({ name }) => name).sort()).toEqual(['create_key', 'list_keys', 'recount', 'revoke_key']);
  expect(managed.filter(({ tool }) => tool !== undefined)).toEqual([]);
});

test.each(Object.keys(scopesOf) as Role[])('role %s sees exactly the tools that its scopes allow', (role) => {
  const allowed = rows.filter(({ scope }) => (scopesOf[role] as string[]).includes(scope)).map(({ tool }) => tool);
  expect(namesFor(role)).toEqual(all.map(({ name }) => name).filter((name) => allowed.includes(name)));
});

test('a viewer sees only what changes nothing', () => {
  const wakeUps = toolsFor(scopesOf.viewer).map(({ annotations }) => annotations.readOnlyHint);
  expect(new Set(wakeUps)).toEqual(new Set([true]));
});

test('a tool tells whether it changes, destroys, and may be repeated', () => {
  const hintsOf = (tool: string) => all.find(({ name }) => name === `orchestration_${tool}`)?.annotations;
  const wakeUps = (readOnlyHint: boolean, destructiveHint: boolean, idempotentHint: boolean) => ({
    readOnlyHint,
    destructiveHint,
    idempotentHint,
    openWorldHint: false,
  });
  expect(hintsOf('get_task_status')).toEqual(wakeUps(true, false, true));
  // A POST for the sake of its list, but it only advises.
  expect(hintsOf('route_task')).toEqual(wakeUps(true, false, true));
  expect(hintsOf('create_task')).toEqual(wakeUps(false, false, false));
  expect(hintsOf('claim_tasks')).toEqual(wakeUps(false, false, false));
  expect(hintsOf('start_task')).toEqual(wakeUps(false, false, true));
  expect(hintsOf('cancel_task')).toEqual(wakeUps(false, true, true));
  expect(hintsOf('deregister_agent')).toEqual(wakeUps(false, true, true));
});

describe.each(all)('$name', ({ name, title, description, inputSchema, outputSchema }) => {
  test('is described for a model, which knows neither operations nor routes', () => {
    expect(title).toMatch(/^[A-Z][a-z ]+$/);
    expect(description).toMatch(/^[A-Z].+\.$/s);
    for (const row of rows) {
      if (row.tool !== undefined) expect(description).not.toMatch(new RegExp(`(?<![a-z_])${row.name}(?![a-z_])`));
    }
    expect(description).not.toMatch(/(GET|POST|DELETE) \//);
  });

  test('has schemas of objects that are valid JSON Schema and refer to nothing', () => {
    for (const schema of [inputSchema, outputSchema]) {
      expect(schema.type).toBe('object');
      expect(() => new AjvJsonSchemaValidator().getValidator(schema)).not.toThrow();
      expect(JSON.stringify(schema)).not.toContain('$ref');
    }
  });

  test('takes no argument that it does not know', () => {
    expect(operationOf(name, {})).toBeDefined();
    expect(inputSchema['additionalProperties']).toBe(false);
  });
});

test('without agent_id, the health of an agent is that of all', () => {
  expect(operationOf('orchestration_get_agent_health', { agent_id: 'a' })?.name).toBe('get_agent_health');
  expect(operationOf('orchestration_get_agent_health', {})?.name).toBe('get_agent_statistics');
  const tool = all.find(({ name }) => name === 'orchestration_get_agent_health');
  expect(tool?.description).toContain('Without agent_id:');
  expect(tool?.inputSchema).toMatchObject({ properties: { agent_id: {} }, required: [] });
});

test('no tool has the name of something that every object has', () => {
  expect(operationOf('constructor', {})).toBeUndefined();
  expect(operationOf('__proto__', {})).toBeUndefined();
});
