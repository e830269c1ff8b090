import { CfnOutput, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Muster } from './muster.ts';
import type { MusterProps } from './props.ts';

export interface MusterStackProps extends Omit<
  MusterProps,
  'alarmTopic' | 'authorizer' | 'domain' | 'encryptionKey' | 'metricsNamespace' | 'removalPolicy' | 'tables'
> {
  /** Name of the stage, an independent deployment. */
  readonly stage: string;

  /**
   * ARN of an SNS topic that alarms notify. Without one, they only appear in CloudWatch.
   * @default - none
   */
  readonly alarmTopicArn?: string;

  /**
   * Protects the stack and its tables from deletion, keeps the tables if the stack is deleted anyway, and backs them up continuously
   * (point-in-time recovery). Use `false` for a stage that `npx cdk destroy` should remove with its data.
   * @default true
   */
  readonly protect?: boolean;

  /**
   * Stream ARN of a restored tasks table that the stage takes over instead of its own; see the runbook. Keep it set:
   * without it, the next deployment creates new, empty tables.
   * @default - none
   */
  readonly restoredTasksStreamArn?: string;

  /**
   * ARN of the agents table that was restored with it.
   * @default - none
   */
  readonly restoredAgentsTableArn?: string;
}

/** One stage: a Muster in its own stack. */
export class MusterStack extends Stack {
  readonly muster: Muster;

  constructor(scope: Construct, id: string, { stage, alarmTopicArn, protect = true, ...others }: MusterStackProps) {
    const { restoredTasksStreamArn, restoredAgentsTableArn, ...props } = others;
    super(scope, id, {
      description: `Muster: multi-agent task orchestration, stage ${stage}`,
      terminationProtection: protect,
    });
    this.muster = new Muster(this, 'Muster', {
      ...props,
      ...(alarmTopicArn && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
      ...this.tablesOf(restoredTasksStreamArn, restoredAgentsTableArn),
      metricsNamespace: `Muster/${stage}`,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.output({
      ApiUrl: this.muster.url,
      Region: this.region,
      TasksTable: this.muster.tasksTable.tableName,
      AgentsTable: this.muster.agentsTable.tableName,
      BusName: this.muster.bus.eventBusName,
      DashboardName: this.muster.dashboard.dashboardName,
      ReadyQueueUrl: this.muster.readyQueue.queueUrl,
      ReadyDeadLettersUrl: this.muster.readyDeadLetters.queueUrl,
      ChangesDeadLettersUrl: this.muster.changesDeadLetters.queueUrl,
      ReleaseDeadLettersUrl: this.muster.releaseDeadLetters.queueUrl,
    });
    Tags.of(this).add('project', 'muster');
    Tags.of(this).add('stage', stage);
  }

  /** @throws Error if only one of the tables is restored: the two would contradict each other */
  private tablesOf(tasksStreamArn = '', agentsTableArn = ''): Pick<MusterProps, 'tables'> {
    if (tasksStreamArn === '' && agentsTableArn === '') return {};
    if (tasksStreamArn === '' || agentsTableArn === '') {
      throw new Error(
        'Set restoredTasksStreamArn and restoredAgentsTableArn together: tasks and agents belong to one instant.',
      );
    }
    const [tasksTableArn = ''] = tasksStreamArn.split('/stream/');
    const tasks = { tableArn: tasksTableArn, tableStreamArn: tasksStreamArn };
    return {
      tables: {
        tasks: Table.fromTableAttributes(this, 'RestoredTasks', tasks),
        agents: Table.fromTableArn(this, 'RestoredAgents', agentsTableArn),
      },
    };
  }

  /** Stack outputs, which people and scripts look up by these names. */
  private output(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
