import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, test } from 'vitest';
import type { Role } from '#shared/contract/nouns.ts';
import { scopesOf, type Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import type { ArgumentSchema } from '#shared/contract/transports/tool-schemas.ts';
import { toolSets, type ToolSet } from '#shared/contract/transports/tool-sets.ts';
import { inputSchemaOf, operationOf, toolNamesFor, toolsFor } from '#shared/contract/transports/tools.ts';
import { instructionsFor } from '../../functions/mcp/instructions.ts';
import { seedTools } from '../support/seed-tools.ts';

const rows: readonly Operation[] = operations;
const all = toolsFor(scopesOf.admin);
const namesFor = (role: Role) => toolsFor(scopesOf[role]).map(({ name }) => name);

test('the tools are those of the table, in its order, each once', () => {
  const inTable = rows.flatMap(({ tool }) => tool ?? []);
  expect(all.map(({ name }) => name)).toEqual([...new Set(inTable)]);
});

test('the 18 tools of the quick-start guide exist', () => {
  expect(seedTools).toHaveLength(18);
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(seedTools));
});

test('models cannot manage keys or rebuild counts', () => {
  const managed = rows.filter(({ scope }) => scope === 'keys:manage');
  expect(managed.map(({ name }) => name).sort()).toEqual(['create_key', 'list_keys', 'recount', 'revoke_key']);
  expect(managed.filter(({ tool }) => tool !== undefined)).toEqual([]);
});

test.each(Object.keys(scopesOf) as Role[])('role %s sees exactly the tools that its scopes allow', (role) => {
  const allowed = rows.filter(({ scope }) => (scopesOf[role] as string[]).includes(scope)).map(({ tool }) => tool);
  expect(namesFor(role)).toEqual(all.map(({ name }) => name).filter((name) => allowed.includes(name)));
});

test('a viewer sees only tools that change nothing', () => {
  const hints = toolsFor(scopesOf.viewer).map(({ annotations }) => annotations.readOnlyHint);
  expect(new Set(hints)).toEqual(new Set([true]));
});

/** The maximum size of the list, which takes up a model's context, in bytes. */
const budgets: { role: Role; set?: ToolSet; bytes: number }[] = [
  { role: 'admin', bytes: 40_000 },
  { role: 'agent', bytes: 28_000 },
  { role: 'admin', set: 'seed', bytes: 18_000 },
  { role: 'admin', set: 'worker', bytes: 18_000 },
  { role: 'admin', set: 'producer', bytes: 26_000 },
];

test.each(budgets)('the list of $role has at most $bytes bytes (set: $set)', ({ role, set, bytes }) => {
  const tools = toolsFor(scopesOf[role], set);
  expect(tools.length).toBeGreaterThan(10);
  expect(Buffer.byteLength(JSON.stringify({ tools }))).toBeLessThanOrEqual(bytes);
});

describe('a set of tools', () => {
  const namesIn = (set: ToolSet) => toolNamesFor(scopesOf.admin, set);

  test('seed has the tools of the quick-start guide, and no others', () => {
    expect(namesIn('seed').sort()).toEqual([...seedTools].sort());
  });

  test('worker has what an agent needs, and nothing to create or manage tasks', () => {
    const scopes = namesIn('worker').map((name) => operationOf(name, {})?.scope);
    expect(new Set(scopes)).toEqual(new Set(['tasks:work', 'agents:write', 'read']));
    expect(namesIn('worker')).toContain('orchestration_claim_tasks');
    expect(namesIn('worker')).toContain('orchestration_get_task_status');
  });

  test('producer has what a key of that role may use', () => {
    expect(namesIn('producer')).toEqual(toolNamesFor(scopesOf.producer));
  });

  test('never offers what the key may not use', () => {
    expect(toolNamesFor(scopesOf.viewer, 'worker')).toEqual(['orchestration_get_task_status']);
  });
});

const offers = (Object.keys(scopesOf) as Role[]).flatMap((role) =>
  [undefined, ...(Object.keys(toolSets) as ToolSet[])].map((set) => ({ role, set })),
);

test.each(offers)(
  'the texts that $role reads in the set $set mention no tool that it is not offered',
  ({ role, set }) => {
    const tools = toolsFor(scopesOf[role], set);
    const names = new Set(tools.map(({ name }) => name));
    const texts = [...tools.map(({ description }) => description), instructionsFor(names)];
    const mentioned = texts.flatMap((text) => text.match(/\borchestration_\w+/g) ?? []);
    expect(mentioned.filter((name) => !names.has(name))).toEqual([]);
  },
);

test('the instructions mention only offered tools', () => {
  const read = (role: Role, set?: ToolSet) => instructionsFor(new Set(toolNamesFor(scopesOf[role], set)));
  expect(read('producer')).toMatch(/To have work done/);
  expect(read('producer')).not.toMatch(/To work as an agent/);
  expect(read('agent')).toMatch(/claim tasks with orchestration_claim_tasks.*orchestration_heartbeat_task/s);
  expect(read('admin', 'seed')).toMatch(/To have work done.*assigned to you with orchestration_poll_tasks/s);
  expect(read('viewer')).not.toMatch(/To work as an agent|To have work done/);
});

test('a tool is annotated as changing, destructive or repeatable', () => {
  const hintsOf = (tool: string) => all.find(({ name }) => name === `orchestration_${tool}`)?.annotations;
  const hints = (readOnlyHint: boolean, destructiveHint: boolean, idempotentHint: boolean) => ({
    readOnlyHint,
    destructiveHint,
    idempotentHint,
    openWorldHint: false,
  });
  expect(hintsOf('get_task_status')).toEqual(hints(true, false, true));
  // A POST because of its list, but it only advises.
  expect(hintsOf('route_task')).toEqual(hints(true, false, true));
  expect(hintsOf('create_task')).toEqual(hints(false, false, false));
  expect(hintsOf('poll_tasks')).toEqual(hints(true, false, true));
  // Earlier declarations are lost.
  expect(hintsOf('register_agent')).toEqual(hints(false, true, true));
  expect(hintsOf('drain_agent')).toEqual(hints(false, false, true));
  expect(hintsOf('claim_tasks')).toEqual(hints(false, false, false));
  expect(hintsOf('start_task')).toEqual(hints(false, false, true));
  expect(hintsOf('cancel_task')).toEqual(hints(false, true, true));
  expect(hintsOf('deregister_agent')).toEqual(hints(false, true, true));
});

/** Every schema nested in a schema, with its path. */
function* schemasIn(schema: ArgumentSchema, path: string): Generator<[string, ArgumentSchema]> {
  yield [path, schema];
  const inner = [
    ...Object.entries(schema.properties ?? {}),
    ...(schema.anyOf ?? []).map((option, n) => [`option ${n}`, option] as const),
    ...(schema.items === undefined || Array.isArray(schema.type) ? [] : [['items', schema.items] as const]),
  ];
  for (const [name, one] of inner) yield* schemasIn(one as ArgumentSchema, `${path}/${name}`);
}

describe.each(all)('$name', ({ name, title, description, inputSchema }) => {
  test('is described for a model, which knows neither operations nor routes', () => {
    expect(title).toMatch(/^[A-Z][a-z ]+$/);
    expect(description).toMatch(/^[A-Z].+\.$/s);
    for (const text of [description, JSON.stringify(inputSchema)]) {
      const operationNames = rows.flatMap((row) => (row.tool === undefined ? [] : [row.name]));
      expect(text.match(/(?<![a-z_])[a-z]+(_[a-z]+)+/g)?.filter((word) => operationNames.includes(word)) ?? []).toEqual(
        [],
      );
      expect(text).not.toMatch(/(GET|POST|DELETE) \//);
    }
  });

  test('has a valid JSON Schema of an object without references', () => {
    expect(inputSchema.type).toBe('object');
    expect(() => new AjvJsonSchemaValidator().getValidator(inputSchema)).not.toThrow();
    expect(JSON.stringify(inputSchema)).not.toContain('$ref');
  });

  test('declares the type of every argument, at every depth', () => {
    const untyped = [...schemasIn(inputSchema, '')].filter(
      ([, one]) => one.type === undefined && one.anyOf === undefined,
    );
    expect(untyped.map(([path]) => path)).toEqual([]);
  });

  test('accepts no unknown arguments', () => {
    expect(operationOf(name, {})).toBeDefined();
    expect(inputSchema['additionalProperties']).toBe(false);
  });
});

test('arbitrary JSON is declared with all its types, since clients would otherwise send it as text', () => {
  const { properties } = inputSchemaOf('orchestration_complete_task') ?? {};
  expect(properties?.['result']).toMatchObject({ type: ['object', 'array', 'string', 'number', 'boolean', 'null'] });
});

test('without agent_id, the health of an agent covers all agents', () => {
  expect(operationOf('orchestration_get_agent_health', { agent_id: 'a' })?.name).toBe('get_agent_health');
  expect(operationOf('orchestration_get_agent_health', {})?.name).toBe('get_agent_statistics');
  const tool = all.find(({ name }) => name === 'orchestration_get_agent_health');
  expect(tool?.description).toContain('Without agent_id:');
  expect(tool?.inputSchema).toMatchObject({ properties: { agent_id: {} }, required: [] });
});

test('no tool has the name of a built-in object property', () => {
  expect(operationOf('constructor', {})).toBeUndefined();
  expect(operationOf('__proto__', {})).toBeUndefined();
});
