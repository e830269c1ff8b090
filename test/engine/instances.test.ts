import { describe, expect, test } from 'vitest';
import type { Agent } from '#shared/contract/nouns.ts';
import type { ClaimedTask } from '#shared/contract/task.ts';
import { drainAgent } from '#shared/operations/agents/drain-agent.ts';
import { heartbeatAgent } from '#shared/operations/agents/heartbeat-agent.ts';
import { registerAgent } from '#shared/operations/agents/register-agent.ts';
import { claimTasks } from '#shared/operations/work/claim-tasks.ts';
import { completeTask } from '#shared/operations/work/complete-task.ts';
import { failTask } from '#shared/operations/work/fail-task.ts';
import { heartbeatTask } from '#shared/operations/work/heartbeat-task.ts';
import { releaseTask } from '#shared/operations/work/release-task.ts';
import { startTask } from '#shared/operations/work/start-task.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { beforeCall, repeatCall, updates } from '../support/interleave.ts';
import { createMusterTables } from '../support/muster-tables.ts';
import { empty, inState } from '../support/tasks.ts';
import { refusalCode, TestPorts } from '../support/test-ports.ts';

/** A named process that runs ada. */
class Process {
  readonly ports: TestPorts;
  readonly #named: { instance?: string };

  constructor(ports: TestPorts, instance?: string) {
    this.ports = ports.another();
    this.#named = instance === undefined ? {} : { instance };
  }

  register(more: object = {}): Promise<Agent> {
    return this.ports.perform(registerAgent, { ...this.#named, ...more }, 'ada') as Promise<Agent>;
  }

  async claim(more: object = {}): Promise<ClaimedTask[]> {
    const input = { limit: 10, holding: [], ...this.#named, ...more };
    return ((await this.ports.perform(claimTasks, input, 'ada')) as { tasks: ClaimedTask[] }).tasks;
  }

  do(operation: Parameters<TestPorts['perform']>[0], input: object): Promise<unknown> {
    return this.ports.perform(operation, { ...input, ...this.#named }, 'ada');
  }
}

const attemptsOf = (tasks: readonly ClaimedTask[]) => tasks.map(({ task_id, attempt }) => `${task_id}#${attempt}`);

describeOnEngine('concurrent claims of one agent', createMusterTables, (context) => {
  test('deliver each attempt once, even if they start it in the same millisecond', async () => {
    const ports = new TestPorts(context);
    await ports.register('ada', [], 20);
    for (let n = 0; n < 20; n += 1) await ports.give(await ports.create(), 'ada', false);

    const claims = await Promise.all(
      Array.from({ length: 16 }, () => new Process(ports).claim({ holding: undefined, limit: 10 })),
    );
    const handed = attemptsOf(claims.flat());
    expect(handed).toEqual([...new Set(handed)]);
    expect((await new Process(ports).claim({ holding: undefined })).length + handed.length).toBe(20);
  });

  test("deliver an attempt once if its start was stored but AWS's response was lost", async () => {
    const ports = new TestPorts(context);
    await ports.register('ada');
    const { id } = await ports.give(await ports.create(), 'ada', false);
    repeatCall(context.edge, updates(id));
    expect(await new Process(ports).claim({ holding: undefined })).toMatchObject([{ task_id: id, attempt: 1 }]);
  });

  test('of one process take over once what another process had', async () => {
    const ports = new TestPorts(context);
    await new Process(ports, 'old-1').register({ max_concurrent_tasks: 8 });
    await Promise.all(Array.from({ length: 8 }, () => ports.create()));
    await new Process(ports, 'old-1').claim();
    await new Process(ports, 'new-1').register({ max_concurrent_tasks: 8, takeover: true });

    const claims = await Promise.all(Array.from({ length: 8 }, () => new Process(ports, 'new-1').claim()));
    // Including a response that it may have lost, in the same attempt.
    expect(new Set(attemptsOf(claims.flat())).size).toBe(8);
    expect(claims.flat().map(({ attempt }) => attempt)).toEqual(claims.flat().map(() => 2));
  });
});

describeOnEngine('registering a process', createMusterTables, (context) => {
  test('is refused while another one was seen within a minute, and names it and its host', async () => {
    const ports = new TestPorts(context);
    const registered = await new Process(ports, 'first').register({ host: 'web-1' });
    expect(registered.instance).toMatchObject({ id: 'first', host: 'web-1' });
    ports.clock.advance('60s');
    const late = new Process(ports, 'second').register();
    await expect(late).rejects.toMatchObject({
      message: expect.stringMatching(/in use by instance first on host web-1 since 2026-11-10T09:00:00/) as string,
      details: { hint: expect.stringContaining('silent for 1 more second,') as string },
    });
    ports.clock.advance('1ms');
    expect((await new Process(ports, 'second').register()).instance).toMatchObject({ id: 'second' });
  });

  test('is refused while another one claims or sends heartbeats', async () => {
    const ports = new TestPorts(context);
    const first = new Process(ports, 'first');
    await first.register();
    for (const act of [() => first.claim(), () => first.do(heartbeatAgent, { holding: [] })]) {
      ports.clock.advance('45s');
      await act();
      ports.clock.advance('45s');
      expect(await refusalCode(new Process(ports, 'second').register())).toBe('agent_in_use');
      await act();
    }
  });

  test('changes nothing if refused', async () => {
    const ports = new TestPorts(context);
    await new Process(ports, 'first').register({ capabilities: ['python'] });
    const agent = await ports.agent('ada');
    const profile = async () => (await ports.another().agents.profiles([agent])).get('ada');
    const before = await profile();
    for (const process of [new Process(ports, 'second'), new Process(ports)]) {
      expect(await refusalCode(process.register({ capabilities: ['sql'], max_concurrent_tasks: 1 }))).toBe(
        'agent_in_use',
      );
    }
    expect(await ports.agent('ada')).toEqual(agent);
    expect(await profile()).toEqual(before);
  });

  test('concurrently with others gives the id to one of them', async () => {
    const ports = new TestPorts(context);
    const names = Array.from({ length: 16 }, (_, n) => `process-${n}`);
    const outcomes = await Promise.all(names.map((name) => refusalCode(new Process(ports, name).register())));
    expect(outcomes.filter((code) => code === 'not refused')).toHaveLength(1);
    expect(outcomes.filter((code) => code === 'agent_in_use')).toHaveLength(15);
    const winner = names[outcomes.indexOf('not refused')];
    expect((await ports.agent('ada')).instance).toMatchObject({ id: winner });
    expect((await ports.agents.capable([], 10)).members).toMatchObject([{ id: 'ada' }]);
  });

  test('again keeps the process and its start time', async () => {
    const ports = new TestPorts(context);
    const first = new Process(ports, 'first');
    const { instance } = await first.register();
    ports.clock.advance('10s');
    expect((await first.register()).instance).toEqual(instance);
  });

  test("succeeds if it was stored but AWS's response was lost", async () => {
    const ports = new TestPorts(context);
    repeatCall(context.edge, updates('first'));
    expect((await new Process(ports, 'first').register()).instance).toMatchObject({ id: 'first' });
  });

  test('is refused if the other one is seen in between, unless it takes over', async () => {
    const ports = new TestPorts(context);
    const first = new Process(ports, 'first');
    await first.register();
    ports.clock.advance('61s');
    beforeCall(context.edge, updates('second'), () => first.claim());
    expect(await refusalCode(new Process(ports, 'second').register())).toBe('agent_in_use');

    ports.clock.advance('31s');
    beforeCall(context.edge, updates('second'), () => first.claim());
    expect(await refusalCode(new Process(ports, 'second').register({ takeover: true }))).toBe('not refused');
  });

  test('is refused if a third one is first, even with a takeover', async () => {
    const ports = new TestPorts(context);
    await new Process(ports, 'first').register();
    ports.clock.advance('61s');
    beforeCall(context.edge, updates('second'), () => new Process(ports, 'third').register());
    expect(await refusalCode(new Process(ports, 'second').register())).toBe('agent_in_use');
    expect((await ports.agent('ada')).instance).toMatchObject({ id: 'third' });
  });

  test('follows one that has left and holds nothing, or was deregistered', async () => {
    const ports = new TestPorts(context);
    const first = new Process(ports, 'first');
    await first.register();
    const task = await ports.give(await ports.create(), 'ada', false);
    await first.claim();
    await first.do(drainAgent, { until_registered: true });
    expect(await refusalCode(new Process(ports, 'second').register())).toBe('agent_in_use');
    await first.do(completeTask, { task_id: task.id, attempt: 1 });
    const second = await new Process(ports, 'second').register();
    expect(second).toMatchObject({ state: 'active', instance: { id: 'second' } });

    await ports.agents.beginLeaving('ada', ports.clock.now());
    expect((await new Process(ports, 'third').register()).instance).toMatchObject({ id: 'third' });
    await ports.deregister('ada');
    expect((await new Process(ports, 'fourth').register()).instance).toMatchObject({ id: 'fourth' });
  });

  test('without a name ends the naming, once the last named one is silent', async () => {
    const ports = new TestPorts(context);
    const [named, unnamed] = [new Process(ports, 'first'), new Process(ports)];
    await named.register();
    expect(await refusalCode(unnamed.register())).toBe('agent_in_use');
    ports.clock.advance('61s');
    expect(await unnamed.register()).not.toHaveProperty('instance');
    expect(await refusalCode(named.claim())).toBe('agent_replaced');
    expect(await unnamed.claim()).toEqual([]);
  });
});

describeOnEngine('a replaced process', createMusterTables, (context) => {
  /** `old-1` runs ada and holds a task, and `new-1` has just taken over. */
  async function replaced() {
    const ports = new TestPorts(context);
    const [old, next] = [new Process(ports, 'old-1'), new Process(ports, 'new-1')];
    await old.register();
    const { id } = await ports.create();
    await old.claim();
    await next.register({ takeover: true });
    return { ports, old, next, id };
  }

  test('is refused when it claims, starts, drains or sends heartbeats', async () => {
    const { ports, old, id } = await replaced();
    const assigned = await ports.give(await ports.create(), 'ada', false);
    expect(await refusalCode(old.claim())).toBe('agent_replaced');
    expect(await refusalCode(old.do(heartbeatAgent, { holding: [] }))).toBe('agent_replaced');
    expect(await refusalCode(old.do(heartbeatTask, { task_id: id, attempt: 1 }))).toBe('agent_replaced');
    expect(await refusalCode(old.do(startTask, { task_id: assigned.id, attempt: 1 }))).toBe('agent_replaced');
    expect(await refusalCode(old.do(drainAgent, { until_registered: true }))).toBe('agent_replaced');
    expect((await ports.agent('ada')).state).toBe('active');
    expect((await ports.task(assigned.id)).status).toBe('assigned');
  });

  test('is refused if it is replaced while it claims', async () => {
    const ports = new TestPorts(context);
    const old = new Process(ports, 'old-1');
    await old.register();
    const { id } = await ports.create();
    beforeCall(context.edge, updates('A#ada'), () => new Process(ports, 'new-1').register({ takeover: true }));
    expect(await old.claim()).toEqual([]);
    expect(await new Process(ports, 'new-1').claim()).toMatchObject([{ task_id: id, attempt: 1 }]);
  });

  test('can still complete what the new one was not given, and gets nothing more', async () => {
    const { ports, old, next, id } = await replaced();
    await ports.create();
    const completed = await old.do(completeTask, { task_id: id, attempt: 1, result: 'done', claim_next: 1 });
    expect(completed).toMatchObject({ status: 'completed', claimed: [] });
    expect(await next.claim()).toMatchObject([{ attempt: 1 }]);
  });

  describe('can no longer change what the new one was given', () => {
    const reports = {
      heartbeat: [heartbeatTask, 'agent_replaced'],
      complete: [completeTask, 'stale_attempt'],
      fail: [failTask, 'stale_attempt'],
      release: [releaseTask, 'stale_attempt'],
    } as const;
    const input = { fail: { error: 'no answer' }, release: { reason: 'not me' } } as Record<string, object>;

    test.each(Object.keys(reports) as (keyof typeof reports)[])('by %s', async (name) => {
      const { ports, old, next, id } = await replaced();
      await next.claim();
      const [item, agent] = [await ports.item(id), await ports.agent('ada')];
      const [operation, code] = reports[name];
      expect(await refusalCode(old.do(operation, { task_id: id, attempt: 1, ...input[name] }))).toBe(code);
      expect(await ports.item(id)).toEqual(item);

      const unfenced = await refusalCode(old.do(operation, { task_id: id, ...input[name] }));
      expect(unfenced).toBe(name === 'heartbeat' ? 'agent_replaced' : 'not_holder');
      expect(await ports.item(id)).toEqual(item);
      expect(await ports.agent('ada')).toEqual(agent);
    });
  });
});

describeOnEngine('what an agent holds', createMusterTables, (context) => {
  test('is delivered to its next process as a new attempt, in one write, and counts once', async () => {
    const ports = new TestPorts(context);
    const [old, next] = [new Process(ports, 'old-1'), new Process(ports, 'new-1')];
    await old.register();
    const { id } = await ports.create();
    await old.claim();
    const before = inState('running', await ports.task(id));
    ports.clock.advance('61s');
    await next.register();

    const meter = context.meter.snapshot();
    const given = await next.claim();
    const { tasks: table } = context.tables;
    expect(context.meter.since(meter).total({ table, action: 'UpdateItem' })).toMatchObject({
      calls: 1,
      writeUnits: 1,
    });
    expect(given).toMatchObject([{ task_id: id, attempt: 2, status: 'running', retry_count: 0 }]);
    const passed = given[0]?.history.map(({ status, attempt, reason }) => [status, attempt, reason]);
    expect(passed?.slice(1)).toEqual([
      ['assigned', 1, undefined],
      ['running', 1, undefined],
      ['running', 1, 'agent_replaced'],
      ['assigned', 2, undefined],
      ['running', 2, undefined],
    ]);
    const after = inState('running', await ports.task(id));
    expect(after).toMatchObject({ offer: before.offer, instance: 'new-1', startedAt: ports.clock.now() });
    expect((await ports.agent('ada')).inbox).toEqual({ [id]: before.offer });

    await next.do(completeTask, { task_id: id, attempt: 2 });
    expect(await ports.agent('ada')).toMatchObject({ inbox: empty, completed: 1, failed: 0 });
  });

  test('is delivered again to the same process in the same attempt until that process lists it', async () => {
    const ports = new TestPorts(context);
    const process = new Process(ports, 'first');
    await process.register();
    const { id } = await ports.create();
    const lost = await process.claim();
    expect(await process.claim()).toEqual(lost);
    const holding = [{ task_id: id, attempt: 1 }];
    await process.do(heartbeatAgent, { holding });
    expect(await process.claim({ holding })).toEqual([]);
    expect(await process.claim()).toMatchObject([{ task_id: id, attempt: 1 }]);
  });

  test('and was only assigned is started by its next process in the same attempt', async () => {
    const ports = new TestPorts(context);
    await new Process(ports, 'old-1').register();
    const { id } = await ports.give(await ports.create(), 'ada', false);
    await new Process(ports, 'new-1').register({ takeover: true });
    const next = new Process(ports, 'new-1');
    expect(await next.claim()).toMatchObject([{ task_id: id, attempt: 1, status: 'running' }]);
    expect(await ports.task(id)).toMatchObject({ instance: 'new-1' });
  });

  test('was claimed to be started later is a new attempt for the next process too', async () => {
    const ports = new TestPorts(context);
    const [old, next] = [new Process(ports, 'old-1'), new Process(ports, 'new-1')];
    await old.register();
    const { id } = await ports.create();
    expect(await old.claim({ start: false })).toMatchObject([{ status: 'assigned', attempt: 1 }]);
    await next.register({ takeover: true });
    expect(await next.claim({ start: false })).toMatchObject([{ task_id: id, status: 'assigned', attempt: 2 }]);
    await next.do(startTask, { task_id: id, attempt: 2 });
    expect(await ports.task(id)).toMatchObject({ status: 'running', instance: 'new-1' });
  });

  test('is listed to its next process by a heartbeat, so that it claims it', async () => {
    const ports = new TestPorts(context);
    await new Process(ports, 'old-1').register();
    const { id } = await ports.create();
    await new Process(ports, 'old-1').claim();
    const next = new Process(ports, 'new-1');
    await next.register({ takeover: true });
    expect(await next.do(heartbeatAgent, { holding: [] })).toMatchObject({ unnamed: [{ task_id: id, attempt: 1 }] });
    const stale = await next.do(heartbeatAgent, { holding: [{ task_id: id, attempt: 1 }] });
    expect(stale).toMatchObject({ leases: [], lost: [{ task_id: id, code: 'not_holder' }] });
  });

  test('cannot be claimed or started without a name while its process is named', async () => {
    const ports = new TestPorts(context);
    await new Process(ports, 'first').register({ host: 'web-1' });
    const { id } = await ports.give(await ports.create(), 'ada', false);
    await expect(new Process(ports).claim()).rejects.toThrow(/host web-1/);
    expect(await refusalCode(new Process(ports).claim())).toBe('agent_in_use');
    expect(await refusalCode(new Process(ports).do(startTask, { task_id: id }))).toBe('agent_in_use');
    // A start on behalf of the holder counts for that process.
    await ports.perform(startTask, { task_id: id });
    expect(await ports.task(id)).toMatchObject({ status: 'running', instance: 'first' });
  });
});

describeOnEngine('an agent with an unnamed process', createMusterTables, (context) => {
  test('gets a lost response again until a heartbeat names the attempt', async () => {
    const ports = new TestPorts(context);
    const process = new Process(ports);
    await process.register();
    const { id } = await ports.create();
    const holding = [{ task_id: id, attempt: 1 }];
    await process.claim();
    expect(await process.claim()).toMatchObject([{ task_id: id, attempt: 1 }]);
    expect(await process.do(heartbeatAgent, { holding: [] })).toMatchObject({ unnamed: holding });
    expect(await process.claim()).toMatchObject([{ task_id: id, attempt: 1 }]);

    await process.do(heartbeatAgent, { holding });
    expect(await process.claim()).toEqual([]);
    expect(await process.do(heartbeatAgent, { holding: [] })).toMatchObject({ unnamed: [] });
    expect(await process.do(completeTask, { task_id: id, attempt: 1 })).toMatchObject({ status: 'completed' });
  });

  test('does not get again what a heartbeat of the task itself has named', async () => {
    const ports = new TestPorts(context);
    const process = new Process(ports);
    await process.register();
    const { id } = await ports.create();
    await process.claim();
    await process.do(heartbeatTask, { task_id: id, progress: { percent: 1 } });
    expect(await process.claim()).toEqual([]);
  });
});
