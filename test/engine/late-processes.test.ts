/** A process that is paused between what it reads and what it writes, while all others continue. */
import { expect, test } from 'vitest';
import type { AwsCall } from '#local/edge/edge.ts';
import { deregisterAgent } from '#shared/operations/agents/deregister-agent.ts';
import { drainAgent } from '#shared/operations/agents/drain-agent.ts';
import { heartbeatAgent } from '#shared/operations/agents/heartbeat-agent.ts';
import { registerAgent } from '#shared/operations/agents/register-agent.ts';
import { assignTask } from '#shared/operations/work/assign-task.ts';
import { claimTasks } from '#shared/operations/work/claim-tasks.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { takeOffers } from '#shared/steps/take-offers.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

describeOnEngine('a process that is replaced meanwhile', createMusterTables, (context) => {
  const named = (ports: TestPorts, instance: string) => ({
    register: () => ports.perform(registerAgent, { instance, takeover: true }, 'ada'),
    claim: () => ports.perform(claimTasks, { instance, limit: 10, holding: [] }, 'ada'),
    drain: () => ports.perform(drainAgent, { instance }, 'ada'),
  });

  test('does not take from the next one what that was given', async () => {
    const ports = new TestPorts(context);
    const [old, next] = [named(ports.another(), 'old-1'), named(ports.another(), 'new-1')];
    await old.register();
    const { id } = await ports.create();
    await old.claim();
    const readsIt = (call: AwsCall) => JSON.stringify(call.body).includes(`T#${id}`);
    beforeCall(context.edge, readsIt, async () => {
      await next.register();
      expect(await next.claim()).toMatchObject({ tasks: [{ attempt: 2 }] });
    });
    expect(await old.claim()).toMatchObject({ tasks: [] });
    expect(await ports.task(id)).toMatchObject({ attempt: 2, instance: 'new-1' });
  });

  test('does not drain the agent of the next one', async () => {
    const ports = new TestPorts(context);
    const [old, next] = [named(ports.another(), 'old-1'), named(ports.another(), 'new-1')];
    await old.register();
    beforeCall(context.edge, updates('draining'), next.register);
    expect(await refusalCode(old.drain())).toBe('agent_replaced');
    expect(await ports.agent('ada')).toMatchObject({ state: 'active' });
    await next.drain();
    expect(await ports.agent('ada')).toMatchObject({ state: 'draining' });
  });
});

describeOnEngine('an agent that continues meanwhile', createMusterTables, (context) => {
  test('does not count as unseen because of a task that it did not start before', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada', false);
    ports.clock.advance('3m');
    const marksIt = ({ body }: AwsCall) => body['UpdateExpression'] === 'SET seenAt = :seenAt';
    beforeCall(context.edge, marksIt, async () => {
      ports.clock.advance(1);
      await ports.another().perform(heartbeatAgent, { holding: [] }, 'ada');
    });
    expect(await sweep(ports.another(), () => true)).toEqual([]);
    expect(await ports.task(id)).toMatchObject({ status: 'pending' });
    expect(await ports.agent('ada')).toMatchObject({ seenAt: ports.clock.now() });
  });

  const ways = {
    'the router': async (ports: TestPorts, id: string) => {
      const [agent, task] = [await ports.agent('ada'), await ports.task(id)];
      await takeOffers(ports, { agent, tasks: [task], by: 'router', start: false, asked: false });
    },
    'an explicit assignment': (ports: TestPorts, id: string) =>
      refusalCode(ports.perform(assignTask, { task_id: id, agent_id: 'ada' })),
  };

  test.each(Object.entries(ways))(
    'does not get a task from %s by an offer that its deregistration has removed',
    async (_, give) => {
      const ports = new TestPorts(context);
      await ports.register('ada');
      const { id } = await ports.create();
      beforeCall(context.edge, updates(`T#${id}`), async () => {
        ports.clock.advance('16s');
        const gone = await ports.another().perform(deregisterAgent, { agent_id: 'ada' });
        expect(gone).toMatchObject({ deregistered: true });
      });
      await give(ports.another(), id);
      expect(await ports.task(id)).toMatchObject({ status: 'pending', log: [{ cause: 'offer_expired' }] });
    },
  );
});
