import * as contract from '../../contract/keys.ts';
import { implement } from '../implement.ts';
import { keySummary } from '../../wire/key-summary.ts';

export const listKeys = implement(contract.listKeys, async ({ keys }, { limit, cursor }) => {
  const page = await keys.list(limit, cursor);
  return { keys: page.items.map(keySummary), ...(page.cursor !== undefined && { next_cursor: page.cursor }) };
});
