import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Api } from './api.ts';
import type { Dispatch } from './dispatch.ts';
import type { Events } from './events.ts';
import type { MusterFunction } from './function.ts';
import type { Storage } from './storage.ts';
import type { Upkeep } from './upkeep.ts';

interface MonitoringProps {
  alarmTopic: ITopic | undefined;
  storage: Storage;
  dispatch: Dispatch;
  events: Events;
  api: Api;
  upkeep: Upkeep;
}

/** An alarm that goes off when the metric is at or above (with `below`, under) the threshold for so many periods in a row. */
interface Watch {
  id: string;
  /** Of docs/runbook.md. */
  section: string;
  means: string;
  metric: IMetric;
  threshold: number;
  below?: true;
  periods?: number;
}

/** One dashboard, and an alarm for everything that needs intervention; each names its section of the runbook. */
export class Monitoring extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const action = props.alarmTopic && new SnsAction(props.alarmTopic);
    for (const watch of [...deadLetters(props), ...delays(props), ...errors(props)]) {
      const alarm = this.addAlarm(watch);
      if (action) alarm.addAlarmAction(action);
    }
    this.dashboard = this.addDashboard(props);
  }

  private addAlarm({ id, section, means, metric, threshold, below, periods }: Watch): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `${means}. What to do: docs/runbook.md#${section}`,
      metric,
      threshold,
      evaluationPeriods: periods ?? 1,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No data means that nothing happened, which is bad only where something should.
      treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }

  private addDashboard(props: MonitoringProps): Dashboard {
    const { dispatch, events, api } = props;
    const functions = Object.values(functionsOf(props));
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 8 });

    const requests = [api.http.metricCount(), api.http.metricClientError(), api.http.metricServerError()];
    const latencies = ['p50', 'p99'].map((statistic) => api.http.metricLatency({ statistic }));
    const readyMessages = [dispatch.readyQueue.metricApproximateNumberOfMessagesVisible()];
    const readyAge = [dispatch.readyQueue.metricApproximateAgeOfOldestMessage()];
    const functionErrors = functions.map((fn) => fn.metricErrors());
    const durations = functions.map((fn) => fn.metricDuration({ statistic: 'p99' }));
    const inDeadLetters = deadLetters(props).map(({ metric }) => metric);

    return new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      widgets: [
        [graph('Requests', requests), graph('API latency', latencies), graph('Dead letters', inDeadLetters)],
        [
          graph('Ready queue', readyMessages, readyAge),
          graph('Delay of published changes', [events.metricDelay(every(1, 'Maximum'))]),
        ],
        [graph('Function errors', functionErrors), graph('Function duration, p99', durations)],
      ],
    });
  }
}

function deadLetters({ dispatch, events }: MonitoringProps): Watch[] {
  const queues = [
    { id: 'ReadyDeadLetters', queue: dispatch.readyDeadLetters, means: 'Ready tasks could not be routed' },
    { id: 'ChangesDeadLetters', queue: events.changesDeadLetters, means: 'Task changes could not be published' },
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

function delays({ storage, dispatch, events, upkeep }: MonitoringProps): Watch[] {
  return [
    {
      id: 'TasksThrottled',
      section: 'tasks-throttled',
      means: 'DynamoDB has been throttling writes of tasks for 15 minutes',
      metric: storage.metricThrottledTasks(every(5, 'Sum')),
      threshold: 100,
      periods: 3,
    },
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

function errors(props: MonitoringProps): Watch[] {
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
  return [...functionErrors, serverErrors];
}

function functionsOf({ dispatch, events, api, upkeep }: MonitoringProps): Record<string, MusterFunction> {
  return {
    Api: api.function,
    Mcp: api.mcp,
    Authorize: api.authorize,
    RouteReadyTasks: dispatch.routeReadyTasks,
    PublishChanges: events.publishChanges,
    ReleaseDependents: events.releaseDependents,
    Sweep: upkeep.sweep,
  };
}

function every(minutes: number, statistic: 'Sum' | 'Maximum') {
  return { period: Duration.minutes(minutes), statistic };
}
