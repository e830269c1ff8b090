import * as contract from '../../contract/keys.ts';
import { Refusal } from '../../contract/problem.ts';
import { implement } from '../implement.ts';
import { presentAccessKey } from '../../wire/present-access-key.ts';

export const revokeKey = implement(contract.revokeKey, async ({ accessKeys, clock }, { key_id: id }, caller) => {
  // If the last key of a stage revoked itself, only the credentials of its AWS account could create another.
  if (id === caller.keyId) {
    throw new Refusal('own_key', `Key ${id} sent this request; a key cannot revoke itself.`);
  }
  const key = await accessKeys.revoke(id, clock.now());
  if (!key) throw new Refusal('key_not_found', `Key ${id} not found.`);
  return presentAccessKey(key);
});
