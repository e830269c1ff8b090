import { expect, test } from 'vitest';
import type { EngineContext } from '../support/dynamodb.ts';
import { Table } from '#shared/adapters/table.ts';
import { pendingEntry } from '#shared/domain/index-entries.ts';
import { getAgentStatistics } from '#shared/operations/statistics/get-agent-statistics.ts';
import { getHealth } from '#shared/operations/statistics/get-health.ts';
import { getQueueStatistics } from '#shared/operations/statistics/get-queue-statistics.ts';
import { getRecommendations } from '#shared/operations/statistics/get-recommendations.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables, type MusterTables } from '../support/muster-tables.ts';
import { aTask, day } from '../support/tasks.ts';
import { TestPorts } from '../support/test-ports.ts';

/** Adds many agents, of which half are full, as if they had been registered one by one. */
async function addAgents({ client, tables }: EngineContext<MusterTables>, count: number, now: number) {
  const items = Array.from({ length: count }, (_, n) => {
    const id = `agent-${String(n).padStart(5, '0')}`;
    const capability = { confidence: 1, source: 'declared' };
    const capabilities = { [`skill-${n % 150}`]: capability, everywhere: capability };
    const inbox = n % 2 === 0 ? { task: 'token' } : {};
    const counts = { successes: {}, failures: {}, profileVersion: 1 };
    return [
      { pk: 'A', sk: id, version: 1 },
      { pk: `A#${id}`, sk: 'P', version: 1, capabilities },
      { pk: `A#${id}`, sk: 'A', state: 'active', maximum: 1, seenAt: now, registeredAt: now, inbox, ...counts },
    ];
  });
  await new Table(client, tables.agents).putMany(items.flat());
}

/** Adds many active lanes, some of which have a task that no agent can do. */
async function addLanes(context: EngineContext<MusterTables>, ports: TestPorts, count: number, withTask: number) {
  const now = ports.clock.now();
  const lanes = Array.from({ length: count }, (_, n) => {
    const requirements = [`rare-${String(n).padStart(4, '0')}`];
    return { pk: 'LA', sk: `manual#${requirements.join('|')}`, requirements, usedAt: now };
  });
  await new Table(context.client, context.tables.agents).putMany(lanes);
  for (const { requirements } of lanes.slice(-withTask)) {
    const task = aTask({
      id: `task-${requirements.join()}`,
      lane: requirements.join('|'),
      routing: 'manual',
      readyAt: now,
    });
    await ports.store(task, pendingEntry(task, now, now, ports.settings));
  }
}

describeOnEngine('an overview', createMusterTables, (context) => {
  const asked = { getAgentStatistics, getHealth, getRecommendations, getQueueStatistics };

  /** The read units of each request, in a new process. */
  async function costs(ports: TestPorts): Promise<number[]> {
    const units: number[] = [];
    for (const operation of Object.values(asked)) {
      const other = ports.another();
      const before = context.meter.snapshot();
      await other.perform(operation, {});
      units.push(context.meter.since(before).total().readUnits);
    }
    return units;
  }

  test('costs at most 20 read units with 1,500 agents and 390 lanes, and includes all of them', async () => {
    const ports = new TestPorts(context);
    const now = ports.clock.now();
    await addAgents(context, 1500, now);
    await addLanes(context, ports, 390, 30);
    ports.clock.advance('2m');
    // Two pages each.
    for (let n = 0; n < 2; n += 1) expect(await sweep(ports.another(), () => true)).toEqual([]);
    ports.clock.advance('30s');

    expect(await ports.perform(getAgentStatistics, {})).toMatchObject({
      total_agents: 1500,
      available_agents: 750,
      busy_agents: 750,
      slots_used: 750,
      slots_total: 1500,
      avg_utilization: 0.5,
      skill_distribution: expect.objectContaining({ everywhere: 1500, 'skill-0': 10 }) as object,
      as_of: new Date(now + 120_000).toISOString(),
    });
    expect(await ports.perform(getHealth, {})).toMatchObject({
      status: 'degraded',
      queue: { oldest_pending_seconds: 150 },
      routing: { skew: 1, should_rebalance: true },
    });
    const answer = (await ports.perform(getRecommendations, {})) as { recommendations: { evidence: object }[] };
    const stuck = answer.recommendations.filter(({ evidence }) => 'missing_capabilities' in evidence);
    expect(stuck).toHaveLength(10);
    expect(stuck[0]?.evidence).toMatchObject({ other_requirement_sets: 20 });
    expect(JSON.stringify(answer).length).toBeLessThan(20_000);
    expect(Math.max(...(await costs(ports)))).toBeLessThanOrEqual(20);
  });

  test('includes all agents and lanes before a sweep has seen any', async () => {
    const ports = new TestPorts(context);
    await addAgents(context, 30, ports.clock.now());
    await addLanes(context, ports, 30, 30);
    expect(await ports.perform(getAgentStatistics, {})).toMatchObject({
      total_agents: 30,
      skill_distribution: expect.objectContaining({ everywhere: 30, 'skill-29': 1 }) as object,
    });
    const { recommendations } = (await ports.perform(getRecommendations, {})) as { recommendations: object[] };
    expect(recommendations).toContainEqual(
      expect.objectContaining({ evidence: expect.objectContaining({ other_requirement_sets: 20 }) as object }),
    );
  });

  test('costs no more with 10 agents, and shows them live', async () => {
    const ports = new TestPorts(context);
    for (let n = 0; n < 10; n += 1) await ports.register(`agent-${n}`, ['python'], 1);
    const task = await ports.create({ requirements: ['python'] });
    await ports.give(task, 'agent-3');
    expect(await ports.perform(getAgentStatistics, {})).toMatchObject({ total_agents: 10, busy_agents: 1 });
    expect(Math.max(...(await costs(ports)))).toBeLessThanOrEqual(20);
    ports.clock.advance(day);
    expect(await ports.perform(getAgentStatistics, {})).toMatchObject({ stale_agents: 10, available_agents: 0 });
  });
});
