import type { Command } from 'commander';
import { addList, addOperation } from '../operation-command.ts';
import { details } from '../views/details.ts';
import { keyColumns, keyTable } from '../views/tables.ts';

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('Create, list and revoke API keys');
  addOperation(key, { name: 'create', operation: 'create_key', show: details });
  addList(key, { operation: 'list_keys', columns: keyColumns, rows: (client, filter) => client.keys(filter) });
  addOperation(key, { name: 'revoke', operation: 'revoke_key', show: keyTable });
}
