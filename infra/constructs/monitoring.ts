import { Alarm, ComparisonOperator, TreatMissingData, type Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { addDashboard } from './dashboard.ts';
import { saveQueries } from './saved-queries.ts';
import { functionsOf, watches, type Watch, type Watched } from './watches.ts';

interface MonitoringProps extends Watched {
  alarmTopic: ITopic | undefined;
  runbookUrl: string;
}

/** One dashboard, and an alarm for everything that needs intervention; each links to its section of the runbook. */
export class Monitoring extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const action = props.alarmTopic && new SnsAction(props.alarmTopic);
    for (const watch of watches(props)) {
      const alarm = this.addAlarm(watch, props.runbookUrl);
      if (action) alarm.addAlarmAction(action);
    }
    const functions = functionsOf(props);
    const queries = saveQueries(this, {
      calls: [functions['Api'], functions['Mcp']].flatMap((fn) => (fn ? [fn.logGroup] : [])),
      all: Object.values(functions).map((fn) => fn.logGroup),
    });
    this.dashboard = addDashboard(this, props, queries, props.runbookUrl);
  }

  private addAlarm({ id, section, means, metric, threshold, below, periods }: Watch, runbookUrl: string): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `${means}. What to do: ${runbookUrl}#${section}`,
      metric,
      threshold,
      evaluationPeriods: periods ?? 1,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // No data means that nothing happened, which is only bad if something should have.
      treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}
