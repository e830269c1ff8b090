import * as contract from '../../contract/keys.ts';
import { implement } from '../implement.ts';
import { presentAccessKey } from '../../wire/present-access-key.ts';

export const listKeys = implement(contract.listKeys, async ({ accessKeys }, { limit, cursor }) => {
  const page = await accessKeys.list(limit, cursor);
  return { keys: page.items.map(presentAccessKey), ...(page.cursor !== undefined && { next_cursor: page.cursor }) };
});
