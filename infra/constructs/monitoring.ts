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
import { deadLetters, every, functionsOf, watches, type Watch, type Watched } from './watches.ts';

interface MonitoringProps extends Watched {
  alarmTopic: ITopic | undefined;
}

/** One dashboard, and an alarm for everything that needs intervention; each names its section of the runbook. */
export class Monitoring extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const action = props.alarmTopic && new SnsAction(props.alarmTopic);
    for (const watch of watches(props)) {
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
