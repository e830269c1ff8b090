import { expect, test } from 'vitest';
import { makeKey } from '#shared/domain/key.ts';
import { describeOnBothEngines } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { minute, morning } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

describeOnBothEngines('an access key', createMusterTables, (context) => {
  const key = (secret: number) => makeKey({ role: 'viewer' }, Buffer.alloc(30, secret).fill(0, 0, 6), morning).record;

  test('never replaces another with the same id, but may be stored again when the answer was lost', async () => {
    const ports = new TestPorts(context);
    await ports.keys.put(key(1));
    await ports.keys.put(key(1));
    await expect(ports.keys.put(key(2))).rejects.toThrow('is taken');
    expect(await ports.keys.get(key(1).id)).toEqual(key(1));
  });

  test('is revoked once and for good', async () => {
    const ports = new TestPorts(context);
    await ports.keys.put(key(1));
    const revoked = { ...key(1), revokedAt: morning };
    expect(await ports.keys.revoke(key(1).id, morning)).toEqual(revoked);
    expect(await ports.keys.revoke(key(1).id, morning + minute)).toEqual(revoked);
    expect(await ports.keys.get(key(1).id)).toEqual(revoked);
  });

  test('that does not exist is not made by revoking it', async () => {
    const ports = new TestPorts(context);
    expect(await ports.keys.revoke('no-such-key', morning)).toBeUndefined();
    expect((await ports.keys.list(10, undefined)).items).toEqual([]);
  });
});
