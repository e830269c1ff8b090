import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import type { Code } from '#shared/contract/problem.ts';
import { env } from '#shared/env.ts';
import { clientSettings, type EdgeAddress } from '../edge/aws-client.ts';
import { writePrivateJson } from './private-file.ts';
import type { Template } from '../template/template.ts';

/** Bearer keys for whoever uses this Muster. */
export interface Keys {
  admin: string;
  producer: string;
  viewer: string;
}

/** The keys of a data folder, and what there is to say about them at the start. */
export interface VerifiedKeys {
  keys: Keys;
  notes: string[];
  /** Made at this start, for as long as it runs. */
  dashboardKey: NewKey | undefined;
}

interface NewKey {
  key: string;
  key_id: string;
}

interface KeysAccess {
  /** The data folder. */
  folder: string;
  template: Template;
  edge: EdgeAddress;
  now: () => number;
}

export interface KeysOptions extends KeysAccess {
  /** Whether to make a key for the web dashboard. */
  dashboard: boolean;
}

/** What makes and verifies keys. */
interface KeyPorts {
  accessKeys: DynamoDbAccessKeys;
  clock: { now: () => number };
}

const roles = ['admin', 'producer', 'viewer'] as const;

const dashboardKeyDays = 0.5;

/** Names the key that signs in to the dashboard, until it is revoked. */
const signInFile = (folder: string) => join(folder, 'sign-in-key.json');

const whyReplaced: Partial<Record<Code, string>> = {
  revoked_key: 'was revoked',
  expired_key: 'has expired',
};

/**
 * The keys of a data folder, kept in its `keys.json`: a key is stored as a hash, so this is the only place that knows them.
 * One that no longer works is replaced by a new one of its role, as `npm run key` makes it on AWS.
 */
export async function keysOf({ dashboard, ...access }: KeysOptions): Promise<VerifiedKeys> {
  const { folder } = access;
  const file = join(folder, 'keys.json');
  const stored = storedIn(file);
  return withKeys(access, async (ports) => {
    // Of a process that was killed.
    await revokeSignIn(ports, folder);
    const verified = await Promise.all(roles.map((role) => workingKey(ports, role, stored[role])));
    const keys = Object.fromEntries(verified.map(({ role, key }) => [role, key])) as unknown as Keys;
    if (roles.some((role) => keys[role] !== stored[role])) writePrivateJson(file, keys);
    const dashboardKey = dashboard ? await newKey(ports, 'admin', 'dashboard', dashboardKeyDays) : undefined;
    if (dashboardKey) writePrivateJson(signInFile(folder), { key_id: dashboardKey.key_id });
    return { keys, notes: verified.flatMap(({ note }) => note ?? []), dashboardKey };
  });
}

/** From now on the key that signs in to the dashboard is refused. */
export const endSignIn = (access: KeysAccess) => withKeys(access, (ports) => revokeSignIn(ports, access.folder));

async function revokeSignIn({ accessKeys, clock }: KeyPorts, folder: string): Promise<void> {
  const { key_id } = storedIn<'key_id'>(signInFile(folder));
  if (typeof key_id === 'string') await accessKeys.revoke(key_id, clock.now());
  rmSync(signInFile(folder), { force: true });
}

async function withKeys<T>({ template, edge, now }: KeysAccess, use: (ports: KeyPorts) => Promise<T>): Promise<T> {
  const [{ DynamoDBClient }, { Table }, { DynamoDbAccessKeys }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('#shared/adapters/table.ts'),
    import('#shared/adapters/access-keys.ts'),
  ]);
  const client = new DynamoDBClient(clientSettings(edge));
  try {
    const table = new Table(client, agentsTableOf(template));
    return await use({ accessKeys: new DynamoDbAccessKeys(table), clock: { now } });
  } finally {
    client.destroy();
  }
}

/** The stored key of a role if the table knows it as a good one, else a new one. */
async function workingKey(
  ports: KeyPorts,
  role: keyof Keys,
  stored: unknown,
): Promise<{ role: keyof Keys; key: string; note?: string }> {
  if (typeof stored === 'string') {
    const { authenticate } = await import('#shared/operations/keys/authenticate.ts');
    const identity = await authenticate(ports, `Bearer ${stored}`);
    if ('role' in identity && identity.role === role) return { role, key: stored };
    const why = ('refusal' in identity && whyReplaced[identity.refusal]) || 'is not one of this data';
    const { key } = await newKey(ports, role);
    return { role, key, note: `The stored ${role} key ${why}; a new one was created.` };
  }
  const { key } = await newKey(ports, role);
  return { role, key };
}

async function newKey(
  ports: KeyPorts,
  role: keyof Keys,
  name = `local ${role}`,
  expiresInDays?: number,
): Promise<NewKey> {
  const { addAccessKey } = await import('#shared/operations/keys/create-key.ts');
  return addAccessKey(ports, { role, name, ...(expiresInDays !== undefined && { expiresInDays }) });
}

/** What the file says; nothing where it is missing or cannot be read as JSON. */
function storedIn<Name extends string = keyof Keys>(file: string): Partial<Record<Name, unknown>> {
  if (!existsSync(file)) return {};
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as Partial<Record<Name, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The table that holds keys is the one that functions are told of. */
function agentsTableOf(template: Template): string {
  for (const { properties } of template.all('AWS::Lambda::Function')) {
    const name = properties.Environment?.Variables[env.agentsTable];
    if (name !== undefined) return name;
  }
  throw new Error(`No function in the template has the variable ${env.agentsTable}. Check infra/.`);
}
