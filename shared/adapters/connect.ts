import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { lazy } from '../contract/lazy.ts';
import { defaultSettings, times, type Settings } from '../domain/settings.ts';
import { env } from '../env.ts';
import type { Ports, WakeUps } from '../ports.ts';
import type { PublicEvents } from '../schema.ts';
import { DynamoDbAccessKeys } from './access-keys.ts';
import { isUnavailable } from './aws-errors.ts';
import { DynamoDbAgents } from './agents.ts';
import { awsClient } from './aws-clients.ts';
import { DynamoDbDataFormat } from './data-format.ts';
import { DynamoDbGraphs } from './graphs.ts';
import { LaneRegistrations } from './lane-registrations.ts';
import { DynamoDbLanes } from './lanes.ts';
import { DynamoDbListings } from './listings.ts';
import { SystemRandom } from './random.ts';
import { DynamoDbRecounts } from './recounts.ts';
import { DynamoDbSnapshots } from './snapshots.ts';
import { DynamoDbStatistics } from './statistics.ts';
import { Table } from './table.ts';
import { DynamoDbTasks } from './tasks.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable that infra must set. */
export function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`The environment variable ${name} is not set: see shared/env.ts and infra.`);
  return value;
}

/**
 * The operator's settings, with defaults for the rest.
 * @throws Error if a completed task could be deleted before its dependents were checked
 */
export function settingsFrom(environment: Environment): Settings {
  const amount = (name: string, unit: number, otherwise: number) =>
    environment[name] === undefined ? otherwise : Number(environment[name]) * unit;
  const allowances = environment[env.priorityAllowances];
  const seconds = allowances && (JSON.parse(allowances) as Record<string, number>);
  const allowance = (name: 'high' | 'medium' | 'low') =>
    seconds ? (seconds[name] ?? 0) * 1000 : defaultSettings.allowanceMs[name];
  const retentionMs = amount(env.retentionDays, 24 * 3600 * 1000, defaultSettings.retentionMs);
  if (!(retentionMs >= 2 * times.maxCheckMs)) {
    throw new Error(
      `${env.retentionDays} is too short: dependents are checked every ${times.maxCheckMs / 3_600_000} h.`,
    );
  }
  return {
    startWithinMs: amount(env.startWithinSeconds, 1000, defaultSettings.startWithinMs),
    leaseMs: amount(env.leaseSeconds, 1000, defaultSettings.leaseMs),
    staleAfterMs: amount(env.staleAfterSeconds, 1000, defaultSettings.staleAfterMs),
    maxPollMs: amount(env.maxPoll, 1, defaultSettings.maxPollMs),
    retentionMs,
    maxLanes: amount(env.maxLanes, 1, defaultSettings.maxLanes),
    maxOpenTasks: amount(env.maxOpenTasks, 1, defaultSettings.maxOpenTasks),
    graphPartBytes: amount(env.graphPartBytes, 1, defaultSettings.graphPartBytes),
    allowanceMs: { high: allowance('high'), medium: allowance('medium'), low: allowance('low') },
    publicEvents: (environment[env.publicEvents] as PublicEvents | undefined) ?? defaultSettings.publicEvents,
  };
}

/** Both tables, and the data format to check before using either. */
export interface Tables {
  tasks: Table;
  agents: Table;
  dataFormat: DynamoDbDataFormat;
}

/** The tables named in the environment. */
export function openTables(environment: Environment, client = awsClient(DynamoDBClient)): Tables {
  const agents = environment[env.agentsTable] ?? '';
  const dataFormat = new DynamoDbDataFormat(new Table(client, agents));
  return {
    tasks: new Table(client, environment[env.tasksTable] ?? '', dataFormat.check),
    agents: new Table(client, agents, dataFormat.check),
    dataFormat,
  };
}

/** Only the tasks, for a function that loads faster without the other ports. */
export function connectTasks(environment: Environment, { tasks, agents }: Tables) {
  const settings = settingsFrom(environment);
  const clock = { now: () => Date.now() };
  const registrations = new LaneRegistrations(agents, clock, settings);
  return { tasks: new DynamoDbTasks(tasks, clock, settings, registrations), registrations, clock, settings };
}

/**
 * The SQS client is loaded by the first request that sends a message: most send none, and loading it takes a tenth of a
 * cold start.
 */
function wakeUpsOn(queueUrl: string): WakeUps {
  const sqs = lazy(async () => {
    const { SqsWakeUps } = await import('./wake-ups.ts');
    return new SqsWakeUps(queueUrl);
  });
  return { send: async (wakeUps) => (await sqs()).send(wakeUps) };
}

/**
 * Connects the ports to AWS according to the environment. A function gets only the names of what it may use; using
 * another port fails, just as its role would.
 */
export function connect(environment: Environment, tables = openTables(environment)): Ports {
  const { tasks: tasksTable, agents: agentsTable, dataFormat } = tables;
  const { tasks, registrations, clock, settings } = connectTasks(environment, tables);
  const random = new SystemRandom(clock);
  return {
    tasks,
    graphs: new DynamoDbGraphs(tasksTable, clock, settings),
    listings: new DynamoDbListings(tasksTable),
    lanes: new DynamoDbLanes(agentsTable, clock, registrations),
    agents: new DynamoDbAgents(agentsTable, clock, random),
    wakeUps: wakeUpsOn(environment[env.readyQueueUrl] ?? ''),
    statistics: new DynamoDbStatistics(agentsTable, clock),
    recounts: new DynamoDbRecounts(agentsTable, clock),
    snapshots: new DynamoDbSnapshots(agentsTable),
    accessKeys: new DynamoDbAccessKeys(agentsTable),
    dataFormat,
    clock,
    random,
    settings,
    deployment: {
      stage: (environment[env.metricsNamespace] ?? '').replace(/^Muster\//, ''),
      region: environment[env.region] ?? '',
    },
    isUnavailable,
  };
}
