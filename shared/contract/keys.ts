import * as z from 'zod';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';

const KeyId = z.string().regex(/^[a-z0-9]{12}$/, 'must be the 12 characters between "mst_" and the next "_"');

export const KeySummary = z
  .object({
    key_id: KeyId,
    role: nouns.Role,
    agent_id: nouns.AgentId.optional(),
    name: z.string().optional(),
    created_at: nouns.Instant,
    expires_at: nouns.Instant.optional(),
    revoked_at: nouns.Instant.optional(),
  })
  .meta({ id: 'KeySummary' });
export type KeySummary = z.infer<typeof KeySummary>;

export const createKey = operation({
  name: 'create_key',
  summary: 'Create an API key; it is shown only once',
  route: 'POST /v1/keys',
  scope: 'keys:manage',
  success: 201,
  input: z
    .strictObject({
      role: nouns.Role,
      agent_id: nouns.AgentId.optional().meta({
        description: 'The agent that the key belongs to; required for role agent',
      }),
      name: nouns.text(100).optional(),
      expires_in_days: z.int().min(1).max(3650).optional(),
    })
    .refine((key) => (key.role === 'agent') === (key.agent_id !== undefined), {
      path: ['agent_id'],
      message: 'is required for role agent and not allowed for other roles',
    }),
  output: KeySummary.extend({
    key: z.string().meta({ description: 'The secret: store it now, it is not shown again' }),
  }),
  refusals: [],
});

export const listKeys = operation({
  name: 'list_keys',
  summary: 'List API keys, without their secrets',
  route: 'GET /v1/keys',
  scope: 'keys:manage',
  input: z.strictObject({
    limit: nouns.Limit(50),
    cursor: z
      .string()
      .regex(/^[a-z0-9]{12}$/, 'must be the next_cursor of the previous page')
      .optional(),
  }),
  output: z.object({ keys: z.array(KeySummary), next_cursor: z.string().optional() }),
  refusals: [],
});

export const revokeKey = operation({
  name: 'revoke_key',
  summary: 'Revoke an API key; takes effect within a minute',
  route: 'DELETE /v1/keys/{key_id}',
  scope: 'keys:manage',
  input: z.strictObject({ key_id: KeyId }),
  output: KeySummary,
  refusals: ['key_not_found'],
});
