/** Web pages, and anyone else who can reach an engine but does not know how to call it, get no data from it. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  chosenKind,
  engineClientSettings,
  missingFor,
  startDynamoDb,
  type DynamoDbAddress,
} from '#local/engines/dynamodb.ts';
import { freeAddress, type Address } from '#local/engines/free-address.ts';
import { createItemsTable } from '../support/engine-tables.ts';

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(port, host, () => resolve(true)).on('error', () => resolve(false));
    onTestFinished(() => void socket.destroy());
  });

function clientFor(address: DynamoDbAddress): DynamoDBClient {
  const client = new DynamoDBClient(engineClientSettings(address));
  onTestFinished(() => client.destroy());
  return client;
}

const tablesFoundBy = async (address: DynamoDbAddress) =>
  (await clientFor(address).send(new ListTablesCommand({}))).TableNames;

describe.skipIf(chosenKind() !== 'dynoxide' || process.platform !== 'linux')('dynoxide', () => {
  test('listens at an address chosen at each start, not the one that web pages try', async () => {
    const [one, other] = await Promise.all([startDynamoDb({ kind: 'dynoxide' }), startDynamoDb({ kind: 'dynoxide' })]);
    onTestFinished(() => one.stop());
    onTestFinished(() => other.stop());
    const [{ hostname, port }, { hostname: another }] = [new URL(one.url), new URL(other.url)];
    expect(hostname).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(another).not.toBe(hostname);
    expect(await accepts(hostname, Number(port))).toBe(true);
    expect(await accepts('127.0.0.1', Number(port))).toBe(false);
  });

  test('takes another address if the first one is taken before it listens', async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const { address: host, port } = taken.address() as AddressInfo;
    const found: Address[] = [{ host, port }];
    const engine = await startDynamoDb({
      kind: 'dynoxide',
      findAddress: (hosts) => Promise.resolve(found.shift() ?? freeAddress(hosts)),
    });
    onTestFinished(() => engine.stop());
    expect(found).toEqual([]);
    expect(new URL(engine.url).port).not.toBe(String(port));
    expect(await tablesFoundBy(engine)).toEqual([]);
  });
});

describe.skipIf(chosenKind() !== 'dynamodb-local' || missingFor('dynamodb-local') !== undefined)(
  'DynamoDB Local',
  () => {
    test("shows its tables only to callers with the folder's key id, and to no web page", async () => {
      const folder = mkdtempSync(join(tmpdir(), 'muster-closed-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      // As left by an earlier version.
      writeFileSync(join(folder, 'shared-local-instance.db'), '');

      const engine = await startDynamoDb({ kind: 'dynamodb-local', folder });
      onTestFinished(() => engine.stop());
      expect(existsSync(join(folder, 'shared-local-instance.db'))).toBe(false);
      expect(readdirSync(folder)).toContain(`${engine.keyId}_us-east-1.db`);

      const { name } = await createItemsTable(clientFor(engine), 'own-');
      expect(await tablesFoundBy(engine)).toEqual([name]);
      expect(await tablesFoundBy({ ...engine, keyId: 'muster' })).toEqual([]);

      const headers = { origin: 'http://evil.example', 'access-control-request-headers': 'x-amz-target' };
      const preflight = await fetch(engine.url, { method: 'OPTIONS', headers });
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull();

      await engine.stop();
      const again = await startDynamoDb({ kind: 'dynamodb-local', folder });
      onTestFinished(() => again.stop());
      expect(await tablesFoundBy(again)).toEqual([name]);
    });
  },
);
