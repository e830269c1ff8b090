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
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { Api } from './api.ts';
import type { Dispatch } from './dispatch.ts';
import type { Events } from './events.ts';
import type { MusterFunction } from './function.ts';
import type { Upkeep } from './upkeep.ts';

interface MonitoringProps {
  settings: Settings;
  dispatch: Dispatch;
  events: Events;
  api: Api;
  upkeep: Upkeep;
}

/** What is watched: the alarm rings when the metric is at (or, with `below`, under) this for so many periods in a row. */
interface Watch {
  name: string;
  /** Section of docs/runbook.md; named like the alarm unless said otherwise. */
  section?: string;
  means: string;
  metric: IMetric;
  threshold: number;
  below?: true;
  periods?: number;
}

/** One dashboard, and an alarm for whatever does not mend itself; each names the section of the runbook that helps. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { stage, alarmTopicArn } = props.settings;
    const action = alarmTopicArn && new SnsAction(Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn));
    for (const watch of [...deadLetters(props), ...delays(props), ...errors(props)]) {
      const alarm = this.addAlarm(stage, watch);
      if (action) alarm.addAlarmAction(action);
    }
    this.addDashboard(props);
  }

  private addAlarm(stage: string, { name, section, means, metric, threshold, below, periods }: Watch): Alarm {
    return new Alarm(this, name, {
      alarmName: `Muster-${stage}-${name}`,
      alarmDescription: `${means}. What to do: docs/runbook.md#${section ?? name}`,
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

  private addDashboard(props: MonitoringProps): void {
    const { settings, dispatch, events, api } = props;
    const functions = functionsOf(props);
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 8 });

    const requests = [api.http.metricCount(), api.http.metricClientError(), api.http.metricServerError()];
    const latencies = ['p50', 'p99'].map((statistic) => api.http.metricLatency({ statistic }));
    const readyMessages = [dispatch.readyQueue.metricApproximateNumberOfMessagesVisible()];
    const readyAge = [dispatch.readyQueue.metricApproximateAgeOfOldestMessage()];
    const functionErrors = functions.map((fn) => fn.metricErrors());
    const durations = functions.map((fn) => fn.metricDuration({ statistic: 'p99' }));
    const inDeadLetters = deadLetters(props).map(({ metric }) => metric);

    new Dashboard(this, 'Dashboard', {
      dashboardName: `Muster-${settings.stage}`,
      defaultInterval: Duration.hours(3),
      widgets: [
        [graph('Requests', requests), graph('API latency', latencies), graph('Dead letters', inDeadLetters)],
        [graph('Ready queue', readyMessages, readyAge), graph('Delay of published changes', [iteratorAge(events)])],
        [graph('Function errors', functionErrors), graph('Function duration, p99', durations)],
      ],
    });
  }
}

function deadLetters({ dispatch, events }: MonitoringProps): Watch[] {
  const queues = [
    { name: 'ready-dead-letters', queue: dispatch.readyDeadLetters, means: 'Ready tasks could not be routed' },
    {
      name: 'changes-dead-letters',
      queue: events.changesDeadLetters,
      means: 'Changes of tasks could not be published',
    },
    { name: 'release-dead-letters', queue: events.releaseDeadLetters, means: 'Dependents could not be released' },
  ];
  return queues.map(({ name, queue, means }) => ({
    name,
    section: 'dead-letters',
    means,
    metric: queue.metricApproximateNumberOfMessagesVisible(every(5, 'Maximum')),
    threshold: 1,
  }));
}

function delays({ dispatch, events, upkeep }: MonitoringProps): Watch[] {
  return [
    {
      name: 'ready-queue-delayed',
      means: 'Ready tasks wait for over 5 minutes to be routed',
      metric: dispatch.readyQueue.metricApproximateAgeOfOldestMessage(every(1, 'Maximum')),
      threshold: 300,
      periods: 3,
    },
    {
      name: 'changes-delayed',
      means: 'Changes of tasks wait for over a minute to be published',
      metric: iteratorAge(events),
      threshold: 60_000,
      periods: 5,
    },
    {
      name: 'sweep-stopped',
      means: 'The sweep has not run for 5 minutes, so nothing watches leases and timeouts',
      metric: upkeep.sweep.metricInvocations(every(5, 'Sum')),
      threshold: 1,
      below: true,
    },
  ];
}

function errors(props: MonitoringProps): Watch[] {
  const functionErrors = functionsOf(props).map((fn) => ({
    name: `${fn.shortName}-errors`,
    section: 'function-errors',
    means: `The function ${fn.shortName} failed`,
    metric: fn.metricErrors(every(5, 'Sum')),
    threshold: 1,
  }));
  const serverErrors = {
    name: 'api-server-errors',
    means: 'The API answered with server errors (5xx)',
    metric: props.api.http.metricServerError(every(5, 'Sum')),
    threshold: 5,
  };
  return [...functionErrors, serverErrors];
}

function functionsOf({ dispatch, events, api, upkeep }: MonitoringProps): MusterFunction[] {
  return [
    api.function,
    api.mcp,
    api.authorize,
    dispatch.routeReadyTasks,
    events.publishChanges,
    events.releaseDependents,
    upkeep.sweep,
  ];
}

function iteratorAge({ publishChanges }: Events): IMetric {
  return publishChanges.metric('IteratorAge', every(1, 'Maximum'));
}

function every(minutes: number, statistic: 'Sum' | 'Maximum') {
  return { period: Duration.minutes(minutes), statistic };
}
