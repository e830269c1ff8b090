import { randomBytes } from 'node:crypto';
import * as contract from '../../contract/keys.ts';
import { keyEntropyBytes, makeKey, type KeyRequest } from '../../domain/key.ts';
import type { Ports } from '../../ports.ts';
import { implement } from '../implement.ts';
import { keySummary } from '../../wire/key-summary.ts';

export const createKey = implement(contract.createKey, async (ports, request) => {
  const { agent_id: agentId, expires_in_days: expiresInDays, name, role } = request;
  return addKey(ports, { role, agentId, name, expiresInDays });
});

/** Makes and stores a key. The answer is the only place where its secret ever is. */
export async function addKey({ keys, clock }: Pick<Ports, 'keys' | 'clock'>, request: KeyRequest) {
  // Not from ports.random: a secret's source of chance must not be one that a test or a setting can replace.
  const { record, bearer } = makeKey(request, randomBytes(keyEntropyBytes), clock.now());
  await keys.put(record);
  return { ...keySummary(record), key: bearer };
}
