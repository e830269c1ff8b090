import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Activity } from './activity.ts';
import type { Assembly } from '../template/cloud-assembly.ts';
import { Buses } from '../bus/bus.ts';
import { Schedules } from '../bus/schedules.ts';
import { Cleanup } from './cleanup.ts';
import { milliseconds, MovableClock } from './clock.ts';
import { openDataFolder } from '../data/data-folder.ts';
import { startEdge } from '../edge/edge.ts';
import { unknownCredentials } from '../edge/call.ts';
import type { Authorize, Edge, PutEvents } from '../edge/edge.ts';
import type { Meter } from '../edge/meter.ts';
import { startDynamoDb } from '../engines/dynamodb.ts';
import type { DynamoDbEngine, DynamoDbKind } from '../engines/dynamodb.ts';
import { startQueues } from '../engines/queues.ts';
import { repeatExpiry } from '../storage/expiry.ts';
import { gatewayFunctions, openGateway } from '../gateway/open-gateway.ts';
import { AsyncInvocations } from '../host/async-invocations.ts';
import { Functions } from '../host/functions.ts';
import { FunctionLogs } from '../host/logs.ts';
import { Policies } from '../iam/policies.ts';
import { createQueues } from '../storage/queues.ts';
import { settled } from './settled.ts';
import { startSources } from '../sources/start-sources.ts';
import { createTables } from '../storage/tables.ts';
import { readTemplate } from '../template/template.ts';
import type { Template } from '../template/template.ts';

/** Changes when older data folders can no longer be read. */
const dataVersion = '2';

export interface RunOptions {
  /** Folder to keep the data in. Default: a temporary one, deleted at the end. */
  data?: string;
  /** Port of the HTTP API. Default: a free one. */
  port?: number;
  /** Default: `MUSTER_DYNAMODB`, or else dynoxide if installed. */
  dynamodb?: DynamoDbKind;
  /** Hides the functions' warnings from the terminal. */
  quiet?: boolean;
  /** Epoch milliseconds at which the clock starts. Default: real time. */
  now?: number;
  /** false: schedules only run when fired. */
  schedules?: boolean;
  /** false: the API's functions also start with their first event. */
  warm?: boolean;
  /** false: the gateway does not limit the request rate. */
  throttle?: boolean;
}

/** A running template. */
export interface RunningTemplate {
  /** URL of the HTTP API. */
  readonly url: string;
  /** Where the data is kept. */
  readonly folder: string;
  readonly clock: {
    now(): number;
    /**
     * Moves the functions' clock, for example by `6m`: delays, visibility timeouts and cached authorizations that have
     * then expired end. Schedules stay on real time: `fire` them.
     */
    advance(duration: string | number): Promise<void>;
  };
  /**
   * Runs the schedule with that name, or with a target of that name, and waits for it. Throws if its function fails.
   */
  fire(name: string): Promise<void>;
  /** Waits until nothing more can happen before time passes. Throws after 30 s, with what is still in progress. */
  settled(): Promise<void>;
  readonly meter: Meter;
  readonly edge: Edge;
  /** What functions may do, and which of these permissions were never used. */
  readonly policies: Policies;
  readonly template: Template;
  readonly engine: DynamoDbEngine;
  /** Answers the requests in progress, ends everything and releases the data folder. */
  stop(): Promise<void>;
}

/**
 * Runs a template: its tables and queues in local engines, its functions in workers, its routes, mappings, rules and
 * schedules.
 * @throws if something is missing or in use, or the template contains what local/ does not support
 */
export async function runTemplate(
  assemble: () => Promise<Assembly>,
  options: RunOptions = {},
): Promise<RunningTemplate> {
  const cleanup = new Cleanup();
  try {
    return await run(assemble, options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function run(assemble: () => Promise<Assembly>, options: RunOptions, cleanup: Cleanup): Promise<RunningTemplate> {
  const clock = new MovableClock(options.now);
  const now = (): number => clock.now();
  const folder = openFolder(options.data, cleanup);
  const logs = new FunctionLogs(join(folder, 'logs'), options.quiet ?? false);
  cleanup.add(() => logs.close());
  const warn = (message: string): void => logs.of('host').write(`${JSON.stringify({ level: 'WARN', message })}\n`);

  const [engine, queues, assembly] = await Promise.all([
    cleanup.started(startDynamoDb(engineOptions(options, folder))),
    cleanup.started(startQueues()),
    assemble(),
  ]);
  queues.advance(clock.fromReal(0));

  // The template needs the edge's address, and policies and bus need the template; nothing is called before all of them
  // exist.
  let putEvents: PutEvents = () => Promise.resolve([]);
  let authorize: Authorize = () => unknownCredentials;
  const edge = await cleanup.started(
    startEdge({
      dynamodb: engine,
      queues,
      authorize: (call) => authorize(call),
      putEvents: (entries) => putEvents(entries),
      now,
    }),
  );
  const template = readTemplate(assembly.template, assembly.stackName, edge.url);
  const policies = new Policies(template);
  authorize = (call) => policies.authorize(call);

  const activity = new Activity();
  const functions = new Functions(template, { clock, edge, logs }, activity, assembly.bundleOf);
  const invoke = functions.invoke.bind(functions);
  const file = join(folder, 'async-invocations.db');
  const events = new AsyncInvocations({ file, template, edge, clock, activity, invoke, warn });
  // Whatever functions still do when they are stopped ends with their events.
  cleanup.add(() => events.close());
  cleanup.add(() => functions.stop());
  cleanup.add(() => events.stop());
  const deliver = events.accept.bind(events);
  const buses = new Buses(template, { now, deliver });
  putEvents = (entries) => Promise.resolve(buses.put(entries));
  const schedules = new Schedules(template, { now, deliver, invoke });
  const gateway = openGateway({ template, invoke, now, warn, throttle: options.throttle ?? true });

  const [streams] = await Promise.all([
    createTables(template, engine),
    createQueues(template, edge),
    (options.warm ?? true) && functions.warm(gatewayFunctions(template)),
  ]);
  const trimStream = engine.trimStream.bind(engine);
  const sources = startSources({ template, edge, queues, clock, folder, invoke, streams, trimStream, warn });
  cleanup.add(() => Promise.all(sources.map((source) => source.stop())));
  cleanup.add(repeatExpiry(template, engine, now, warn));
  events.start();
  const url = await gateway.listen(options.port ?? 0);
  cleanup.add(() => gateway.close());
  // With existing data, also at once: tasks that became due in the meantime, and wake-ups lost by a killed process,
  // must not wait for a full period.
  if (options.schedules ?? true) schedules.start(options.data !== undefined);
  cleanup.add(() => schedules.stop());

  return {
    url,
    folder,
    clock: {
      now,
      advance(duration) {
        const by = milliseconds(duration);
        clock.move(by);
        queues.advance(by);
        events.wake();
        for (const source of sources) source.wake();
        return Promise.resolve();
      },
    },
    fire: (name) => schedules.fire(name),
    settled: () => settled(activity, sources),
    meter: edge.meter,
    edge,
    policies,
    template,
    engine,
    stop: () => cleanup.run(),
  };
}

function openFolder(data: string | undefined, cleanup: Cleanup): string {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'muster-'));
  if (data === undefined) cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  const lock = openDataFolder(folder, dataVersion);
  cleanup.add(() => lock.close());
  return folder;
}

function engineOptions({ data, dynamodb }: RunOptions, folder: string) {
  return { ...(dynamodb && { kind: dynamodb }), ...(data !== undefined && { folder: join(folder, 'dynamodb') }) };
}
