import { setTimeout as pause } from 'node:timers/promises';
import type { AwsCall } from '#local/edge/call.ts';
import { MeterReading, type Usage, type UsageKey } from '#local/edge/meter.ts';
import { start, type Muster } from '#local/start.ts';
import { dataFormatKey } from '#shared/adapters/item-keys.ts';
import { Gate } from './gate.ts';

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
  /**
   * What `run` and all that follows from it use of DynamoDB, without the authorization, which is cached, and without counting,
   * which is done once for what has come meanwhile.
   */
  wholeCost: (run: () => Promise<unknown>) => Promise<Cost>;
}

/** What something uses of DynamoDB, without what a process reads once in its life: how many there are is a matter of load. */
export interface Cost {
  calls: number;
  readUnits: number;
  writeUnits: number;
  /** How many calls followed each other in the longest row: what it has waited for. NaN where that is not known. */
  roundTrips: number;
}

/**
 * How long a call takes at least while round trips are counted: calls that are sent together then overlap, however busy the
 * machine is.
 */
const callMs = 100;

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
  /** The callers of the first reads of processes so far, in order. */
  const started: string[] = [];
  muster.edge.intercept((call, next) => {
    if (isFirstRead(call)) started.push(call.caller);
    return next();
  });
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
    const [before, startedBefore] = [muster.meter.snapshot(), started.length];
    const remove = muster.edge.intercept(async (call, next) => {
      if (call.caller !== caller || call.service !== 'dynamodb' || isFirstRead(call)) return next();
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
    const used = muster.meter.since(before);
    return { ...usedBy(used, started.slice(startedBefore), (row) => row.caller === caller), roundTrips };
  };
  const isApart = apartIn(muster);
  const wholeCost = async (run: () => Promise<unknown>) => {
    await settled();
    const startedBefore = started.length;
    const used = await measure(run);
    return { ...usedBy(used, started.slice(startedBefore), (row) => !isApart(row)), roundTrips: NaN };
  };
  return { muster, ask, createTasks, settled: settledInBetween, measure, measureRequest, cost, wholeCost };
}

type Row = Pick<UsageKey, 'caller' | 'action'>;

/** Each process looks once at the format of the data, whatever it does first. */
const isFirstRead = ({ action, body }: AwsCall): boolean =>
  action === 'GetItem' && (body['Key'] as { pk?: { S?: string } } | undefined)?.pk?.S === dataFormatKey.pk;

/** What some calls to DynamoDB used. @param started the callers of first reads among them, which are half a unit each */
function usedBy(used: MeterReading, started: readonly string[], isMeant: (row: Row) => boolean) {
  const rows = used.rows.filter((row) => row.service === 'dynamodb' && isMeant(row));
  const { calls, readUnits, writeUnits } = new MeterReading(rows).total();
  const first = started.filter((caller) => isMeant({ caller, action: 'GetItem' })).length;
  return { calls: calls - first, readUnits: readUnits - first / 2, writeUnits };
}

/** Tells the calls of authorization, and those that count tasks: in all, and of graphs. */
function apartIn(muster: Muster): (row: Row) => boolean {
  const callers = ['authorize', 'count-changes'].map((name) => functionNamed(muster, name));
  const publisher = functionNamed(muster, 'publish-changes');
  return ({ caller, action }) => callers.includes(caller) || (caller === publisher && action === 'UpdateItem');
}

/** The logical id of a function, by which the meter knows it. Its name is the one that it has in its logs. */
export function functionNamed({ template }: Muster, name: string): string {
  const found = template
    .all('AWS::Lambda::Function')
    .find(({ properties }) => properties.Environment?.Variables['POWERTOOLS_SERVICE_NAME'] === name);
  if (!found) throw new Error(`The template has no function ${name}.`);
  return found.logicalId;
}
