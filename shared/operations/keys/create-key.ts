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

/** The key that a valid input of create_key requests. */
export const accessKeyRequest = (input: z.output<typeof contract.createKey.input>): AccessKeyRequest => ({
  role: input.role,
  agentId: input.agent_id,
  capabilities: input.capabilities,
  maximum: input.max_concurrent_tasks,
  name: input.name,
  expiresInDays: input.expires_in_days,
});

/** Creates and stores a key. Its secret exists only in the response. */
export async function addAccessKey(
  { accessKeys, clock }: Pick<Ports, 'accessKeys' | 'clock'>,
  request: AccessKeyRequest,
) {
  // Not from ports.random: no test or setting may replace the randomness of a secret.
  const { record, bearer } = makeAccessKey(request, randomBytes(keyEntropyBytes), clock.now());
  await accessKeys.put(record);
  return { ...presentAccessKey(record), key: bearer };
}
