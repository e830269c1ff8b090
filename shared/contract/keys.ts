import * as z from 'zod';
import { lazy } from './lazy.ts';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation, scopesOf, type Scope } from './operation.ts';

const KeyId = lazy(() =>
  z.string().regex(/^[a-z0-9]{12}$/, 'must be the 12 characters between "mst_" and the next "_"'),
);

export const KeySummary = lazy(() =>
  z
    .object({
      key_id: KeyId(),
      role: nouns.Role(),
      agent_id: nouns.AgentId().optional(),
      capabilities: z.array(nouns.Capability()).optional(),
      max_concurrent_tasks: z.int().optional(),
      name: z.string().optional(),
      created_at: nouns.Instant(),
      expires_at: nouns.Instant().optional(),
      revoked_at: nouns.Instant().optional(),
    })
    .meta({ id: 'KeySummary' }),
);
export type KeySummary = z.infer<ReturnType<typeof KeySummary>>;

const onlyForAgents =
  (field: 'capabilities' | 'max_concurrent_tasks') =>
  (key: { role: nouns.Role } & Partial<Record<typeof field, unknown>>) =>
    key.role === 'agent' || key[field] === undefined;

export const createKey = operation({
  name: 'create_key',
  summary: 'Create an API key; it is shown only once',
  description:
    'A key of role agent can read everything and act as its agent and as agents named after it (`writer@host`). It can register them with any capability, so they may be given any task. `capabilities` and `max_concurrent_tasks` limit that. They apply to later registrations, not to what the agent already has.',
  route: 'POST /v1/keys',
  scope: 'keys:manage',
  success: 201,
  input: () =>
    z
      .strictObject({
        role: nouns.Role(),
        agent_id: nouns.AgentId().optional().meta({
          description: 'The agent that the key belongs to; required for role agent',
        }),
        capabilities: z.array(nouns.Capability()).max(limits.capabilities).optional().meta({
          description: 'The only capabilities that the key may register or learn; without it, any. Only for role agent',
        }),
        max_concurrent_tasks: nouns.MaxConcurrentTasks().optional().meta({
          description: 'Caps max_concurrent_tasks of what the key registers; without it, 100. Only for role agent',
        }),
        name: nouns.text(100).optional(),
        expires_in_days: z.int().min(1).max(3650).optional(),
      })
      .refine((key) => (key.role === 'agent') === (key.agent_id !== undefined), {
        path: ['agent_id'],
        message: 'is required for role agent and not allowed for other roles',
      })
      .refine(onlyForAgents('capabilities'), { path: ['capabilities'], message: 'is only for role agent' })
      .refine(onlyForAgents('max_concurrent_tasks'), {
        path: ['max_concurrent_tasks'],
        message: 'is only for role agent',
      }),
  output: () =>
    KeySummary().extend({
      key: z.string().meta({ description: 'The secret: store it now, it is not shown again' }),
    }),
  refusals: [],
});

export const listKeys = operation({
  name: 'list_keys',
  summary: 'List API keys, without their secrets',
  route: 'GET /v1/keys',
  scope: 'keys:manage',
  input: () =>
    z.strictObject({
      limit: nouns.Limit(50),
      cursor: z
        .string()
        .regex(/^[a-z0-9]{12}$/, 'must be the next_cursor of the previous page')
        .optional(),
    }),
  output: () => z.object({ keys: z.array(KeySummary()), next_cursor: z.string().optional() }),
  refusals: [],
});

export const revokeKey = operation({
  name: 'revoke_key',
  summary: 'Revoke an API key; takes effect within a minute',
  route: 'DELETE /v1/keys/{key_id}',
  scope: 'keys:manage',
  input: () => z.strictObject({ key_id: KeyId() }),
  output: KeySummary,
  refusals: ['key_not_found', 'own_key'],
});

const scopes = [...new Set(Object.values(scopesOf).flat())] as [Scope, ...Scope[]];

export const getCaller = operation({
  name: 'get_caller',
  summary: 'Get what the key of this call may do, and where',
  route: 'GET /v1/caller',
  tool: 'orchestration_get_caller',
  scope: 'read',
  share: 0.005,
  input: () => z.strictObject({}),
  output: () =>
    z.object({
      key_id: z.string(),
      name: z.string().optional().meta({ description: 'The name that the key was created with' }),
      role: nouns.Role(),
      scopes: z.array(z.enum(scopes)),
      agent_id: nouns.AgentId().optional().meta({ description: 'The agent that the key belongs to' }),
      stage: z.string().meta({ description: 'Name of this deployment, as in its metrics' }),
      region: z.string(),
      version: z.string().meta({ description: 'Version of Muster' }),
    }),
  refusals: [],
});
