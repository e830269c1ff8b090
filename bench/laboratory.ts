import { setTimeout as pause } from 'node:timers/promises';
import type { AwsCall } from '#local/edge/call.ts';
import { MeterReading, type Usage, type UsageKey } from '#local/edge/meter.ts';
import { start, type Muster } from '#local/start.ts';
import { dataFormatKey } from '#shared/adapters/item-keys.ts';
import { Gate } from './gate.ts';

/** A Muster to measure, and ways to measure it. */
export interface Laboratory {
  muster: Muster;
  /** Sends one request, which must succeed. */
  ask: <T = Record<string, unknown>>(method: string, path: string, body?: unknown) => Promise<T>;
  /**
   * Creates several identical tasks.
   * @returns their ids
   */
  createTasks: (count: number, task: object) => Promise<string[]>;
  /**
   * Runs what follows from earlier requests until nothing is left. During a measurement, that is held back until this
   * is called.
   */
  settled: () => Promise<void>;
  /** The usage of `run` and everything that follows from it. */
  measure: (run: () => Promise<unknown>) => Promise<MeterReading>;
  /** The usage of one request, without what follows from it. */
  measureRequest: (run: () => Promise<unknown>) => Promise<Usage>;
  /** The DynamoDB usage of one function during `run`. */
  cost: (caller: string, run: () => Promise<unknown>) => Promise<Cost>;
  /**
   * The DynamoDB usage of `run` and everything that follows from it, without authorization, which is cached, and
   * without counting, which is done once per batch.
   */
  wholeCost: (run: () => Promise<unknown>) => Promise<Cost>;
}

/** DynamoDB usage, without what a process reads once in its life, since the number of processes depends on load. */
export interface Cost {
  calls: number;
  readUnits: number;
  writeUnits: number;
  /** The longest sequence of calls that waited for one another. NaN if unknown. */
  roundTrips: number;
}

/**
 * The minimum duration of a call while round trips are counted, so that calls sent together overlap however busy the
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

/** How often to wait for a Muster that is still busy: thousands of tasks take a while. */
const patience = 40;

/** Measures a Muster that is already running. */
export function laboratoryOf(muster: Muster): Laboratory {
  const gate = new Gate(muster.edge);
  /** The callers of the processes' first reads so far, in order. */
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
  /** Runs a function while everything that follows from it is held back. */
  const alone = async (run: () => Promise<unknown>) => {
    gate.close();
    try {
      await run();
    } finally {
      gate.open();
    }
  };
  /** Lets what is held back continue, during a measurement. */
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
      // Of overlapping calls, the one that ends first counts, which gives the longest sequence.
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

/** Each process reads the data format once, whatever it does first. */
const isFirstRead = ({ action, body }: AwsCall): boolean =>
  action === 'GetItem' && (body['Key'] as { pk?: { S?: string } } | undefined)?.pk?.S === dataFormatKey.pk;

/**
 * The usage of a number of DynamoDB calls.
 * @param started the callers of first reads among them, which use half a unit each
 */
function usedBy(used: MeterReading, started: readonly string[], isMeant: (row: Row) => boolean) {
  const rows = used.rows.filter((row) => row.service === 'dynamodb' && isMeant(row));
  const { calls, readUnits, writeUnits } = new MeterReading(rows).total();
  const first = started.filter((caller) => isMeant({ caller, action: 'GetItem' })).length;
  return { calls: calls - first, readUnits: readUnits - first / 2, writeUnits };
}

/** Identifies calls for authorization and for counting tasks, in total and by graph. */
function apartIn(muster: Muster): (row: Row) => boolean {
  const callers = ['authorize', 'count-changes'].map((name) => functionNamed(muster, name));
  const publisher = functionNamed(muster, 'publish-changes');
  return ({ caller, action }) => callers.includes(caller) || (caller === publisher && action === 'UpdateItem');
}

/** The logical id of a function, by which the meter identifies it. `name` is the one in its logs. */
export function functionNamed({ template }: Muster, name: string): string {
  const found = template
    .all('AWS::Lambda::Function')
    .find(({ properties }) => properties.Environment?.Variables['POWERTOOLS_SERVICE_NAME'] === name);
  if (!found) throw new Error(`The template has no function ${name}.`);
  return found.logicalId;
}
