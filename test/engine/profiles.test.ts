import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { awsError } from '#local/edge/call.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { TestPorts } from '../support/test-ports.ts';

const at = (action: string, key: string) => (call: AwsCall) =>
  call.action === action && JSON.stringify(call.body).includes(key);
const puts = (key: string) => at('PutItem', key);
const deletes = (key: string) => at('DeleteItem', key);

const agent = '"pk":{"S":"A#ada"},"sk":{"S":"A"}';
const profile = '"pk":{"S":"A#ada"},"sk":{"S":"P"}';
const membership = '"C#*"';
const line = '"pk":{"S":"A"},"sk":{"S":"ada"}';

/** Expects all records of the agent's capabilities to have these, in one version. */
async function expectAgreement(ports: TestPorts, capabilities: readonly string[]): Promise<void> {
  const ada = await ports.agent('ada');
  const found = (await ports.agents.profiles([ada])).get('ada');
  expect(Object.keys(found?.capabilities ?? {}).sort()).toEqual(capabilities);
  expect(found?.version).toBe(ada.profileVersion);
  for (const name of [undefined, ...capabilities]) {
    const { members } = await ports.agents.capable(name === undefined ? [] : [name], 10);
    expect(members).toMatchObject([{ id: 'ada', version: ada.profileVersion }]);
    expect((await ports.agents.list(name, 10, undefined)).items).toEqual(['ada']);
  }
}

/** Each review visits one of 16 parts of all agents, by minute. */
async function reviewAll(ports: TestPorts): Promise<void> {
  for (let part = 0; part < 16; part += 1) await ports.agents.review(ports.clock.now() + part * 60_000);
}

describeOnEngine("an agent's profile", createMusterTables, (context) => {
  test('is that of one of two concurrent first registrations, not a mix of both', async () => {
    const ports = new TestPorts(context);
    beforeCall(context.edge, puts(profile), () => ports.another().register('ada', ['rust']));
    await ports.register('ada', ['python']);
    await expectAgreement(ports.another(), ['python']);
    expect((await ports.another().agents.capable(['rust'], 10)).members).toEqual([]);
  });

  test('is not reverted by a writer that was overtaken before it wrote memberships', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    beforeCall(context.edge, puts(membership), () => ports.another().agents.learn('ada', 'rust', 1));
    expect(await ports.agents.learn('ada', 'sql', 1)).toMatchObject({ id: 'ada' });
    await expectAgreement(ports.another(), ['python', 'rust', 'sql']);
  });

  test('is not reverted by a writer that was overtaken before its last step', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    beforeCall(context.edge, updates('A#ada'), () => ports.another().agents.learn('ada', 'rust', 1));
    expect(await ports.agents.learn('ada', 'sql', 1)).toMatchObject({ id: 'ada' });
    await expectAgreement(ports.another(), ['python', 'rust', 'sql']);
  });

  test('is current in a process that cached it and did not change it', async () => {
    const [ports, other] = [new TestPorts(context), new TestPorts(context)];
    await ports.register('ada', ['python']);
    await other.agents.learn('ada', 'rust', 1);
    await expectAgreement(ports, ['python', 'rust']);
  });

  test('is not dropped by a review while the agent registers', async () => {
    const ports = new TestPorts(context);
    beforeCall(context.edge, updates('A#ada'), () => reviewAll(ports.another()));
    await ports.register('ada', ['python']);
    await expectAgreement(ports.another(), ['python']);
  });

  test('is repaired by the review if its writer died before the last step', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const recover = context.edge.intercept((call, next) =>
      updates('A#ada')(call) ? Promise.resolve(awsError('AccessDeniedException', 'The process has died.')) : next(),
    );
    await expect(ports.agents.learn('ada', 'rust', 1)).rejects.toThrow('died');
    recover();
    await reviewAll(ports);
    await expectAgreement(ports.another(), ['python', 'rust']);
  });

  test('is gone for an agent that learns while it is being deregistered', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    beforeCall(context.edge, updates('A#ada'), () => ports.another().deregister('ada'));
    expect(await ports.agents.learn('ada', 'rust', 1)).toBe('no_agent');
    expect((await ports.another().agents.capable([], 10)).members).toEqual([]);
  });

  test.for([agent, membership, line])(
    'is left alone by a deregistration that a new registration overtakes before it deletes %s',
    async (item) => {
      const ports = new TestPorts(context);
      await ports.register('ada', ['python']);
      ports.clock.advance(1);
      beforeCall(context.edge, deletes(item), () => ports.another().register('ada', ['python', 'rust']));
      await ports.deregister('ada');
      await expectAgreement(ports.another(), ['python', 'rust']);
    },
  );

  test('is listed even if an older registration and then a deregistration end after it', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', ['python']);
    const [reached, olderEnded] = [Promise.withResolvers<unknown>(), Promise.withResolvers<unknown>()];
    let deregistered: Promise<unknown> = Promise.resolve();
    beforeCall(context.edge, puts(line), async () => {
      beforeCall(context.edge, deletes(line), () => {
        reached.resolve(undefined);
        return olderEnded.promise;
      });
      deregistered = ports.another().deregister('ada');
      await reached.promise;
      ports.clock.advance(1);
      await ports.another().register('ada', ['rust']);
    });
    await ports.register('ada', ['python', 'sql']);
    olderEnded.resolve(undefined);
    await deregistered;
    await expectAgreement(ports.another(), ['rust']);
  });
});
