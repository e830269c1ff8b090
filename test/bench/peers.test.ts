import { describe, expect, test } from 'vitest';
import { Ledger } from '../../bench/peers/ledger.ts';
import { agents, canDo, layeredGraph, pair, shareSlots, type PlannedTask } from '../../bench/peers/workload.ts';

const [searcher, other] = agents;
if (!searcher || !other) throw new Error('The workload has no agents.');

describe('the workload', () => {
  test('a quarter are roots, half depend on two roots, a quarter on two of those', () => {
    const tasks = layeredGraph('g', 1000);
    const layers = [tasks.slice(0, 250), tasks.slice(250, 750), tasks.slice(750)];
    const [roots, middle, leaves] = layers.map((layer) => new Set(layer.map(({ id }) => id)));
    const allIn = (layer: readonly PlannedTask[] | undefined, parents: Set<string> | undefined) =>
      layer?.every(({ dependencies }) => dependencies.length === 2 && dependencies.every((id) => parents?.has(id)));
    expect(layers[0]?.flatMap(({ dependencies }) => dependencies)).toEqual([]);
    expect([allIn(layers[1], roots), allIn(layers[2], middle)]).toEqual([true, true]);
    expect(new Set(tasks.flatMap(({ dependencies }) => dependencies))).toEqual(
      new Set([...(roots ?? []), ...(middle ?? [])]),
    );
    expect(leaves?.size).toBe(250);
  });

  test('every requirement set and priority has tasks in each layer, and agents that can do them', () => {
    const roots = layeredGraph('g', 400).slice(0, 100);
    expect(new Set(roots.map(({ requirements }) => requirements)).size).toBe(4);
    expect(new Set(roots.map(({ priority }) => priority)).size).toBe(3);
    for (const { requirements } of roots) expect(agents.some((agent) => canDo(agent, requirements))).toBe(true);
  });

  test('the slots of an agent are divided among its queues, with none left over', () => {
    for (const agent of agents) {
      const shares = shareSlots(agent).map(({ slots }) => slots);
      expect(shares.reduce((sum, slots) => sum + slots, 0)).toBe(agent.slots);
      expect(Math.min(...shares)).toBeGreaterThan(0);
    }
  });
});

describe('the ledger', () => {
  const search: PlannedTask = { id: 'a', requirements: ['search'], priority: 'low', dependencies: [] };

  test('finds no faults if each task ran once, after its dependencies', async () => {
    const ledger = new Ledger();
    const tasks = pair('p', 0);
    ledger.submitted(tasks);
    const able = agents.find(({ capabilities }) => capabilities.length === 3);
    for (const { id } of tasks) await ledger.work(able ?? searcher, id);
    await ledger.allEnded(0);
    expect(ledger.faults()).toEqual([]);
    expect(ledger.waits()).toHaveLength(2);
  });

  test.each<{ fault: string; run: (ledger: Ledger) => Promise<unknown> }>([
    {
      fault: '1 repeated starts',
      run: async (ledger) => {
        ledger.submitted([search]);
        await ledger.work(searcher, 'a');
        await ledger.work(other, 'a');
      },
    },
    {
      fault: '1 starts before a dependency',
      run: async (ledger) => {
        ledger.submitted([search, { ...search, id: 'b', dependencies: ['a'] }]);
        await Promise.all([ledger.work(searcher, 'a'), ledger.work(searcher, 'b')]);
      },
    },
    {
      fault: '1 starts without a required capability',
      run: async (ledger) => {
        ledger.submitted([{ ...search, requirements: ['code'] }]);
        await ledger.work(searcher, 'a');
      },
    },
    {
      fault: '2 starts beyond the slots of an agent',
      run: async (ledger) => {
        const ids = Array.from({ length: searcher.slots + 2 }, (_, n) => `t${n}`);
        ledger.submitted(ids.map((id) => ({ ...search, id })));
        await Promise.all(ids.map((id) => ledger.work(searcher, id)));
      },
    },
    {
      fault: '1 tasks that did not end',
      run: (ledger) => {
        ledger.submitted([search]);
        return expect(ledger.allEnded(0)).rejects.toThrow('1 tasks had not ended');
      },
    },
    { fault: '1 tasks that nobody submitted', run: (ledger) => ledger.work(searcher, 'unknown') },
  ])('reports: $fault', async ({ fault, run }) => {
    const ledger = new Ledger();
    await run(ledger);
    expect(ledger.faults()).toEqual([fault]);
  });
});
