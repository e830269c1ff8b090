import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import * as contract from '../../contract/keys.ts';
import { keyEntropyBytes, makeAccessKey, type AccessKeyRequest } from '../../domain/access-key.ts';
import type { Ports } from '../../ports.ts';
import { implement } from '../implement.ts';
import { presentAccessKey } from '../../wire/present-access-key.ts';

export const createKey = implement(contract.createKey, async (ports, request) => {
  return addAccessKey(ports, accessKeyRequest(request));
});

/** What a valid input of create_key asks for. */
export const accessKeyRequest = (input: z.output<typeof contract.createKey.input>): AccessKeyRequest => ({
  role: input.role,
  agentId: input.agent_id,
  capabilities: input.capabilities,
  maximum: input.max_concurrent_tasks,
  name: input.name,
  expiresInDays: input.expires_in_days,
});

/** Makes and stores a key. The answer is the only place where its secret ever is. */
export async function addAccessKey(
  { accessKeys, clock }: Pick<Ports, 'accessKeys' | 'clock'>,
  request: AccessKeyRequest,
) {
  // Not from ports.random: a secret's source of chance must not be one that a test or a setting can replace.
  const { record, bearer } = makeAccessKey(request, randomBytes(keyEntropyBytes), clock.now());
  await accessKeys.put(record);
  return { ...presentAccessKey(record), key: bearer };
}
