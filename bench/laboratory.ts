import { setTimeout as pause } from 'node:timers/promises';
import { start, type Muster } from '#local/start.ts';
import { Gate } from './gate.ts';
import type { MeterReading, Usage } from '#local/edge/meter.ts';

/** A Muster to measure, and what is asked of it. */
export interface Laboratory {
  muster: Muster;
  /** Performs one request, which must succeed. */
  ask: <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Creates several tasks that are alike. @returns their ids */
  createTasks: (count: number, task: object) => Promise<string[]>;
  /** Lets happen what follows from earlier requests, until nothing does any more. While something is measured, it waits for this. */
  settled: () => Promise<void>;
  /** What was used while `run` ran, and until nothing happened any more by itself. */
  measure: (run: () => Promise<unknown>) => Promise<MeterReading>;
  /** The same for one request, without what follows from it. */
  measureRequest: (run: () => Promise<unknown>) => Promise<Usage>;
  /** What one function uses of DynamoDB while `run` runs. */
  cost: (caller: string, run: () => Promise<unknown>) => Promise<Cost>;
}

/** What one function uses of DynamoDB for one thing that it does. */
export interface Cost {
  calls: number;
  readUnits: number;
  writeUnits: number;
  /** How many calls followed each other in the longest row: what it has waited for. */
  roundTrips: number;
}

/**
 * How long a call takes at least while round trips are counted: calls that are sent together then overlap, however busy the
 * machine is.
 */
const callMs = 50;

/** Starts a Muster in memory, runs the measurement in it and stops it. */
export async function inLaboratory<T>(run: (laboratory: Laboratory) => Promise<T>): Promise<T> {
  const muster = await start({ quiet: true, schedules: false, throttle: false });
  try {
    return await run(laboratoryOf(muster));
  } finally {
    await muster.stop();
  }
}

/** How often a Muster is waited for that is still busy: thousands of tasks take their time. */
const patience = 40;

/** What measures in a Muster that runs already. */
export function laboratoryOf(muster: Muster): Laboratory {
  const gate = new Gate(muster.edge);
  const settled = async () => {
    gate.open();
    for (let n = 1; n < patience; n += 1) {
      try {
        await muster.settled();
        return;
      } catch (error) {
        if (!String(error).includes('still busy')) throw error;
      }
    }
    await muster.settled();
  };
  /** Runs something while what follows from it waits. */
  const alone = async (run: () => Promise<unknown>) => {
    gate.close();
    try {
      await run();
    } finally {
      gate.open();
    }
  };
  /** Goes on with what is measured. */
  const settledInBetween = async () => {
    const wasClosed = gate.isClosed;
    await settled();
    if (wasClosed) gate.close();
  };
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(muster.url + path, {
      method,
      headers: { authorization: `Bearer ${muster.keys.admin}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T;
    if (!response.ok)
      throw new Error(`${method} ${path} was answered with ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const createTasks = async (count: number, task: object) => {
    const tasks = Array(count).fill(task);
    const { results } = await ask<{ results: { task: { task_id: string } }[] }>('POST', '/v1/tasks/batch', { tasks });
    return results.map((result) => result.task.task_id);
  };
  const measure = async (run: () => Promise<unknown>) => {
    await settled();
    const before = muster.meter.snapshot();
    await alone(run);
    await settled();
    return muster.meter.since(before);
  };
  const measureRequest = async (run: () => Promise<unknown>) => {
    await settled();
    const before = muster.meter.snapshot();
    await alone(run);
    return muster.meter.since(before).total({ caller: functionNamed(muster, 'api'), service: 'dynamodb' });
  };
  const cost = async (caller: string, run: () => Promise<unknown>): Promise<Cost> => {
    let [roundTrips, endOfLast] = [0, -Infinity];
    await settled();
    const before = muster.meter.snapshot();
    const remove = muster.edge.intercept(async (call, next) => {
      if (call.caller !== caller || call.service !== 'dynamodb') return next();
      const begin = performance.now();
      await pause(callMs);
      const answer = await next();
      // Of calls that overlap the one that ends first counts, which gives the longest row.
      if (begin >= endOfLast) {
        roundTrips += 1;
        endOfLast = performance.now();
      }
      return answer;
    });
    try {
      await alone(run);
    } finally {
      remove();
    }
    const { calls, readUnits, writeUnits } = muster.meter.since(before).total({ caller, service: 'dynamodb' });
    return { calls, readUnits, writeUnits, roundTrips };
  };
  return { muster, ask, createTasks, settled: settledInBetween, measure, measureRequest, cost };
}

/** The logical id of a function, by which the meter knows it. Its name is the one that it has in its logs. */
export function functionNamed({ template }: Muster, name: string): string {
  const found = template
    .all('AWS::Lambda::Function')
    .find(({ properties }) => properties.Environment?.Variables['POWERTOOLS_SERVICE_NAME'] === name);
  if (!found) throw new Error(`The template has no function ${name}.`);
  return found.logicalId;
}
