import * as contract from '../../contract/keys.ts';
import { Refusal } from '../../contract/problem.ts';
import { implement } from '../implement.ts';
import { presentAccessKey } from '../../wire/present-access-key.ts';

export const revokeKey = implement(contract.revokeKey, async ({ accessKeys, clock }, { key_id: id }, caller) => {
  // A stage whose last key has revoked itself can only be opened again with the credentials of its AWS account.
  if (id === caller.keyId) {
    throw new Refusal('own_key', `Key ${id} sent this request; a key cannot revoke itself.`);
  }
  const key = await accessKeys.revoke(id, clock.now());
  if (!key) throw new Refusal('key_not_found', `Key ${id} not found.`);
  return presentAccessKey(key);
});
