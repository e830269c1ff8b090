import { setTimeout as pause } from 'node:timers/promises';
import { Ledger } from './ledger.ts';
import type { Peer } from './peer.ts';
import { processorTime } from './processor-time.ts';
import { agents, layeredGraph, pair } from './workload.ts';

export interface TrialOptions {
  /** Number of tasks in the large graph. */
  tasks: number;
  /** Number of pairs of tasks, submitted one by one. */
  pairs: number;
  pairsPerSecond: number;
}

export interface Trial {
  name: string;
  tasksPerSecond: number;
  /** CPU time of all processes, including agents, in milliseconds. */
  processorTimePerTask: number;
  /** Time from ready to started at the low rate, in milliseconds. */
  waits: { p50: number; p99: number };
  faults: string[];
}

/** The time limit in milliseconds: a queue that lost a task would never end. */
const limitMs = 10 * 60 * 1000;
const warmUp = 100;

/** Runs the workload on a queue: a small graph to warm up, a large one at full speed, and pairs at a low rate. */
export async function tryOut(peer: Peer, { tasks, pairs, pairsPerSecond }: TrialOptions): Promise<Trial> {
  let ledger = new Ledger();
  const running = await peer.start(agents, (agent, id) => ledger.work(agent, id));
  const faults: string[] = [];
  const phase = async (submit: () => Promise<void>) => {
    ledger = new Ledger();
    const [begin, timeAtBegin] = [performance.now(), processorTime(running.processes)];
    await submit();
    await ledger.allEnded(limitMs);
    const used = { ms: performance.now() - begin, processorMs: processorTime(running.processes) - timeAtBegin };
    // What follows from the last end, such as a second start, belongs to this phase.
    await pause(1000);
    faults.push(...ledger.faults());
    return { ...used, waits: ledger.waits().sort((a, b) => a - b) };
  };
  const graph = (name: string, size: number) => async () => {
    const planned = layeredGraph(name, size);
    ledger.submitted(planned);
    await running.submit(planned);
  };
  try {
    await phase(graph('warm-up', warmUp));
    const fast = await phase(graph('large', tasks));
    const slow = await phase(async () => {
      for (let n = 0; n < pairs; n += 1) {
        const planned = pair('pair', n);
        ledger.submitted(planned);
        await running.submit(planned);
        await pause(1000 / pairsPerSecond);
      }
    });
    const waitOf = (share: number) => slow.waits[Math.ceil(slow.waits.length * share) - 1] ?? NaN;
    return {
      name: peer.name,
      tasksPerSecond: (1000 * tasks) / fast.ms,
      processorTimePerTask: fast.processorMs / tasks,
      waits: { p50: waitOf(0.5), p99: waitOf(0.99) },
      faults,
    };
  } finally {
    await running.stop();
  }
}
