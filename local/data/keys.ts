import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from '#shared/env.ts';
import { clientSettings } from '../edge/aws-client.ts';
import { writePrivate } from './private-file.ts';
import type { Template } from '../template/template.ts';

/** Bearer keys for whoever uses this Muster. */
export interface Keys {
  admin: string;
  producer: string;
  viewer: string;
}

/** The keys of a data folder, kept in its `keys.json`: a key is stored as a hash, so this is the only place that knows them. */
export async function keysOf(folder: string, make: () => Promise<Keys>): Promise<Keys> {
  const file = join(folder, 'keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Keys;
  const keys = await make();
  writePrivate(file, keys);
  return keys;
}

/** Makes a key of each role, as `npm run key` does on AWS. */
export async function makeKeys(template: Template, edgeUrl: string, now: () => number): Promise<Keys> {
  const [{ DynamoDBClient }, { documents }, { Table }, { DynamoDbAccessKeys }, { addAccessKey }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('#shared/adapters/aws-clients.ts'),
    import('#shared/adapters/table.ts'),
    import('#shared/adapters/access-keys.ts'),
    import('#shared/operations/keys/create-key.ts'),
  ]);
  const client = new DynamoDBClient(clientSettings(edgeUrl, 'setup'));
  const table = new Table(documents(client), agentsTableOf(template));
  const ports = { accessKeys: new DynamoDbAccessKeys(table), clock: { now } };
  const make = async (role: keyof Keys): Promise<string> =>
    (await addAccessKey(ports, { role, name: `local ${role}` })).key;
  const [admin, producer, viewer] = await Promise.all([make('admin'), make('producer'), make('viewer')]);
  client.destroy();
  return { admin, producer, viewer };
}

/** The table that holds keys is the one that functions are told of. */
function agentsTableOf(template: Template): string {
  for (const { properties } of template.all('AWS::Lambda::Function')) {
    const name = properties.Environment?.Variables[env.agentsTable];
    if (name !== undefined) return name;
  }
  throw new Error(`No function in the template has the variable ${env.agentsTable}. Check infra/.`);
}
