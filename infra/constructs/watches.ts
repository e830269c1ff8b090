import { Duration, Fn } from 'aws-cdk-lib';
import { MathExpression, Metric, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Api } from './api.ts';
import type { Dispatch } from './dispatch.ts';
import type { Events } from './events.ts';
import type { MusterFunction } from './function.ts';
import type { Storage } from './storage.ts';
import type { Upkeep } from './upkeep.ts';
import type { WorkMetrics } from './work-metrics.ts';

export interface Watched {
  storage: Storage;
  dispatch: Dispatch;
  events: Events;
  api: Api;
  upkeep: Upkeep;
  work: WorkMetrics;
}

/**
 * An alarm that fires when the metric is at or above the threshold (with `below`, under it) for this many consecutive
 * periods.
 */
export interface Watch {
  id: string;
  /** Of docs/runbook.md. */
  section: string;
  means: string;
  metric: IMetric;
  threshold: number;
  below?: true;
  periods?: number;
}

/** Everything that needs intervention if it persists. */
export function watches(watched: Watched): Watch[] {
  return [...ofWork(watched), ...deadLetters(watched), ...delays(watched), ...throttles(watched), ...errors(watched)];
}

/** Work makes no progress although everything runs. */
function ofWork({ work }: Watched): Watch[] {
  return [
    {
      id: 'ReadyTaskOld',
      section: 'old-ready-tasks',
      means: 'A ready task has been waiting for over 30 minutes',
      metric: work.state('oldestReadySeconds'),
      threshold: 1800,
      periods: 5,
    },
    {
      id: 'NoCapableAgent',
      section: 'no-capable-agent',
      means: 'Ready work has had no agent that can do it for 10 minutes',
      metric: work.state('stuckLanes'),
      threshold: 1,
      periods: 10,
    },
    {
      id: 'SuccessRateLow',
      section: 'low-success-rate',
      means: 'More than 20% of the tasks that ended in the last hour have failed',
      metric: work.failureRate(),
      threshold: 0.2,
      periods: 15,
    },
    {
      id: 'NoAgents',
      section: 'no-agents',
      means: 'Work has been ready for 5 minutes and no agent is responding',
      metric: work.readyWithoutAgents(),
      threshold: 1,
      periods: 5,
    },
  ];
}

export function deadLetters({ dispatch, events }: Watched): Watch[] {
  const queues = [
    { id: 'ReadyDeadLetters', queue: dispatch.readyDeadLetters, means: 'Ready tasks could not be routed' },
    {
      id: 'ChangesDeadLetters',
      queue: events.changesDeadLetters,
      means: 'Task changes could not be published or counted',
    },
    { id: 'ReleaseDeadLetters', queue: events.releaseDeadLetters, means: 'Dependents could not be released' },
  ];
  return queues.map(({ id, queue, means }) => ({
    id,
    section: 'dead-letters',
    means,
    metric: queue.metricApproximateNumberOfMessagesVisible(every(5, 'Maximum')),
    threshold: 1,
  }));
}

function delays({ dispatch, events, upkeep }: Watched): Watch[] {
  return [
    {
      id: 'ReadyQueueDelayed',
      section: 'ready-queue-delayed',
      means: 'Ready tasks have been waiting for over 5 minutes to be routed',
      metric: dispatch.readyQueue.metricApproximateAgeOfOldestMessage(every(1, 'Maximum')),
      threshold: 300,
      periods: 3,
    },
    {
      id: 'ChangesDelayed',
      section: 'changes-delayed',
      means: 'Task changes have been waiting for over a minute to be published',
      metric: events.metricDelay(every(1, 'Maximum')),
      threshold: 60_000,
      periods: 5,
    },
    {
      id: 'StatisticsDelayed',
      section: 'statistics-delayed',
      means: 'Task changes have been waiting for over a minute to be counted',
      metric: events.metricCountDelay(every(1, 'Maximum')),
      threshold: 60_000,
      periods: 5,
    },
    {
      id: 'ReleaseDelayed',
      section: 'release-delayed',
      means: 'Dependents have been waiting for over 15 minutes to be released',
      metric: events.releaseQueue.metricApproximateAgeOfOldestMessage(every(1, 'Maximum')),
      threshold: 900,
      periods: 3,
    },
    {
      id: 'SweepStopped',
      section: 'sweep-stopped',
      means: 'The sweep has not run for 5 minutes: leases and timeouts are not enforced',
      metric: upkeep.sweep.metricInvocations(every(5, 'Sum')),
      threshold: 1,
      below: true,
    },
  ];
}

function throttles({ storage, ...others }: Watched): Watch[] {
  const ofTables = [
    { id: 'TasksThrottled', section: 'tasks-throttled', what: 'tasks' },
    { id: 'IndexesThrottled', section: 'tasks-throttled', what: 'indexes' },
    { id: 'AgentsThrottled', section: 'agents-throttled', what: 'agents' },
  ] as const;
  const functions = Object.entries(functionsOf({ storage, ...others }));
  return [
    ...ofTables.map(({ id, section, what }) => ({
      id,
      section,
      means: `DynamoDB has been throttling the ${what === 'indexes' ? 'indexes of tasks' : `table of ${what}`} for 15 minutes`,
      metric: sum('Throttled reads and writes', storage.metricsOfThrottles(what, every(5, 'Sum'))),
      threshold: 100,
      periods: 3,
    })),
    {
      id: 'FunctionsThrottled',
      section: 'functions-throttled',
      means: 'Lambda has been refusing to run functions for 15 minutes',
      metric: sum(
        'Throttled invocations',
        functions.map(([, fn]) => fn.metricThrottles(every(5, 'Sum'))),
      ),
      threshold: 10,
      periods: 3,
    },
  ];
}

function failedInvocations({ events, upkeep }: Watched): Watch {
  const onBus = ({ ruleArn }: Rule) => ({
    EventBusName: events.bus.eventBusName,
    // With a custom bus, a reference to a rule is not its name.
    RuleName: Fn.select(2, Fn.split('/', ruleArn)),
  });
  const rules = [{ RuleName: upkeep.everyMinute.ruleName }, onBus(events.releaseRule)];
  const namespace = 'AWS/Events';
  const metrics = ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].flatMap((metricName) =>
    rules.map((dimensionsMap) => new Metric({ namespace, metricName, dimensionsMap, ...every(5, 'Sum') })),
  );
  return {
    id: 'InvocationsFailed',
    section: 'invocations-failed',
    means: 'EventBridge could not invoke a function, or could not dead-letter the event',
    metric: sum('Failed invocations', metrics),
    threshold: 1,
  };
}

function errors(props: Watched): Watch[] {
  const functionErrors = Object.entries(functionsOf(props)).map(([name, fn]) => ({
    id: `${name}Errors`,
    section: 'function-errors',
    means: `The function ${fn.shortName} failed`,
    metric: fn.metricErrors(every(5, 'Sum')),
    threshold: 1,
  }));
  const serverErrors = {
    id: 'ServerErrors',
    section: 'api-server-errors',
    means: 'The API returned server errors (5xx)',
    metric: props.api.http.metricServerError(every(5, 'Sum')),
    threshold: 5,
  };
  return [...functionErrors, serverErrors, failedInvocations(props)];
}

export function functionsOf({ dispatch, events, api, upkeep }: Watched): Record<string, MusterFunction> {
  return {
    Api: api.function,
    Mcp: api.mcp,
    ...(api.authorize && { Authorize: api.authorize }),
    Dashboard: api.dashboard,
    RouteReadyTasks: dispatch.routeReadyTasks,
    PublishChanges: events.publishChanges,
    CountChanges: events.countChanges,
    ReleaseDependents: events.releaseDependents,
    Sweep: upkeep.sweep,
  };
}

export function every(minutes: number, statistic: 'Sum' | 'Maximum') {
  return { period: Duration.minutes(minutes), statistic };
}

/**
 * The sum of metrics; a period without data counts as 0.
 * @param prefix of their ids, which must be unique within a widget
 */
export function sum(label: string, metrics: readonly Metric[], prefix = 'm'): MathExpression {
  const named = metrics.map((metric, n) => [`${prefix}${n}`, metric] as const);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    label,
    period: every(5, 'Sum').period,
    usingMetrics: Object.fromEntries(named),
  });
}
