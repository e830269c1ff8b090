import * as contract from '../../contract/keys.ts';
import { Refusal } from '../../contract/problem.ts';
import { implement } from '../implement.ts';
import { keySummary } from '../../wire/key-summary.ts';

export const revokeKey = implement(contract.revokeKey, async ({ keys, clock }, { key_id: id }) => {
  const key = await keys.revoke(id, clock.now());
  if (!key) throw new Refusal('key_not_found', `There is no key ${id}.`);
  return keySummary(key);
});
