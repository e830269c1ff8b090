import { expect, test } from 'vitest';
import { makeAccessKey } from '#shared/domain/access-key.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { minute, morning } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnEngine('an access key', createMusterTables, (context) => {
  const key = (secret: number) =>
    makeAccessKey({ role: 'viewer' }, Buffer.alloc(30, secret).fill(0, 0, 6), morning).record;

  test('never replaces another with the same id, but may be stored again if the response was lost', async () => {
    const ports = new TestPorts(context);
    await ports.accessKeys.put(key(1));
    await ports.accessKeys.put(key(1));
    await expect(ports.accessKeys.put(key(2))).rejects.toThrow('is taken');
    expect(await ports.accessKeys.get(key(1).id)).toEqual(key(1));
  });

  test('is revoked once and permanently', async () => {
    const ports = new TestPorts(context);
    await ports.accessKeys.put(key(1));
    const revoked = { ...key(1), revokedAt: morning };
    expect(await ports.accessKeys.revoke(key(1).id, morning)).toEqual(revoked);
    expect(await ports.accessKeys.revoke(key(1).id, morning + minute)).toEqual(revoked);
    expect(await ports.accessKeys.get(key(1).id)).toEqual(revoked);
  });

  test('is not created by revoking it', async () => {
    const ports = new TestPorts(context);
    expect(await ports.accessKeys.revoke('no-such-key', morning)).toBeUndefined();
    expect((await ports.accessKeys.list(10, undefined)).items).toEqual([]);
  });
});
