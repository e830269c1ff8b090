import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import type { Code } from '#shared/contract/problem.ts';
import { env } from '#shared/env.ts';
import { clientSettings, type EdgeAddress } from '../edge/aws-client.ts';
import { writePrivateJson } from './private-file.ts';
import type { Template } from '../template/template.ts';

/** The API keys of a local Muster. */
export interface Keys {
  admin: string;
  producer: string;
  viewer: string;
}

/** The keys of a data folder, with notes to print at startup. */
export interface VerifiedKeys {
  keys: Keys;
  notes: string[];
  /** Created at this start, and valid until it stops. */
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
  /** Whether to create a key for the web dashboard. */
  dashboard: boolean;
}

/** What creates and verifies keys. */
interface KeyPorts {
  accessKeys: DynamoDbAccessKeys;
  clock: { now: () => number };
}

const roles = ['admin', 'producer', 'viewer'] as const;

const dashboardKeyDays = 0.5;

/** Names the key that signs in to the dashboard, until the key is revoked. */
const signInFile = (folder: string) => join(folder, 'sign-in-key.json');

const replacementReasons: Partial<Record<Code, string>> = {
  revoked_key: 'was revoked',
  expired_key: 'has expired',
};

/**
 * The keys of a data folder, kept in its `keys.json`; the table stores only hashes. A key that no longer works is
 * replaced by a new one for the same role, made as `npm run key` makes it on AWS.
 */
export async function keysOf({ dashboard, ...access }: KeysOptions): Promise<VerifiedKeys> {
  const { folder } = access;
  const file = join(folder, 'keys.json');
  const stored = storedIn(file);
  return withKeys(access, async (ports) => {
    // Left by a process that was killed.
    await revokeSignIn(ports, folder);
    const verified = await Promise.all(roles.map((role) => workingKey(ports, role, stored[role])));
    const keys = Object.fromEntries(verified.map(({ role, key }) => [role, key])) as unknown as Keys;
    if (roles.some((role) => keys[role] !== stored[role])) writePrivateJson(file, keys);
    const dashboardKey = dashboard ? await newKey(ports, 'admin', 'dashboard', dashboardKeyDays) : undefined;
    if (dashboardKey) writePrivateJson(signInFile(folder), { key_id: dashboardKey.key_id });
    return { keys, notes: verified.flatMap(({ note }) => note ?? []), dashboardKey };
  });
}

/** Revokes the key that signs in to the dashboard. */
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

/** The stored key of a role if it is still valid according to the table, or else a new one. */
async function workingKey(
  ports: KeyPorts,
  role: keyof Keys,
  stored: unknown,
): Promise<{ role: keyof Keys; key: string; note?: string }> {
  if (typeof stored === 'string') {
    const { authenticate } = await import('#shared/operations/keys/authenticate.ts');
    const identity = await authenticate(ports, `Bearer ${stored}`);
    if ('role' in identity && identity.role === role) return { role, key: stored };
    const why = ('refusal' in identity && replacementReasons[identity.refusal]) || 'does not belong to this data';
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

/** The content of the file; empty if it is missing or not valid JSON. */
function storedIn<Name extends string = keyof Keys>(file: string): Partial<Record<Name, unknown>> {
  if (!existsSync(file)) return {};
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as Partial<Record<Name, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The table with the keys is the one whose name functions are given. */
function agentsTableOf(template: Template): string {
  for (const { properties } of template.all('AWS::Lambda::Function')) {
    const name = properties.Environment?.Variables[env.agentsTable];
    if (name !== undefined) return name;
  }
  throw new Error(`No function in the template has the variable ${env.agentsTable}. Check infra/.`);
}
