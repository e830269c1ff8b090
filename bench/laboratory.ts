import { start, type Muster } from '#local/start.ts';
import type { MeterReading, Usage } from '#local/edge/meter.ts';

/** A Muster to measure, and what is asked of it. */
export interface Laboratory {
  muster: Muster;
  /** Performs one request, which must succeed. */
  ask: <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Creates several tasks that are alike. @returns their ids */
  createTasks: (count: number, task: object) => Promise<string[]>;
  /** What was used while `run` ran, and until nothing happened any more by itself. */
  measure: (run: () => Promise<unknown>) => Promise<MeterReading>;
  /** The same for one request, without what follows from it. */
  measureRequest: (run: () => Promise<unknown>) => Promise<Usage>;
  /** How many calls of this caller followed each other in the longest row: what it has waited for, if it did one thing. */
  roundTrips: (caller: string, run: () => Promise<unknown>) => Promise<number>;
}

/** Starts a Muster in memory, runs the measurement in it and stops it. */
export async function inLaboratory<T>(run: (laboratory: Laboratory) => Promise<T>): Promise<T> {
  const muster = await start({ quiet: true, schedules: false, throttle: false });
  try {
    return await run(laboratoryOf(muster));
  } finally {
    await muster.stop();
  }
}

function laboratoryOf(muster: Muster): Laboratory {
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
    await muster.settled();
    const before = muster.meter.snapshot();
    await run();
    await muster.settled();
    return muster.meter.since(before);
  };
  const measureRequest = async (run: () => Promise<unknown>) => {
    await muster.settled();
    const before = muster.meter.snapshot();
    await run();
    return muster.meter.since(before).total({ caller: functionNamed(muster, 'api'), service: 'dynamodb' });
  };
  const roundTrips = async (caller: string, run: () => Promise<unknown>) => {
    let [count, endOfLast] = [0, -Infinity];
    await muster.settled();
    const remove = muster.edge.intercept(async (call, next) => {
      const begin = performance.now();
      const answer = await next();
      // Of calls that overlap the one that ends first counts, which gives the longest row.
      if (call.caller === caller && call.service === 'dynamodb' && begin >= endOfLast) {
        count += 1;
        endOfLast = performance.now();
      }
      return answer;
    });
    await run();
    remove();
    return count;
  };
  return { muster, ask, createTasks, measure, measureRequest, roundTrips };
}

/** The logical id of a function, by which the meter knows it. Its name is the one that it has in its logs. */
export function functionNamed({ template }: Muster, name: string): string {
  const found = template
    .all('AWS::Lambda::Function')
    .find(({ properties }) => properties.Environment?.Variables['POWERTOOLS_SERVICE_NAME'] === name);
  if (!found) throw new Error(`The template has no function ${name}.`);
  return found.logicalId;
}
