import { CfnOutput, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Muster } from './muster.ts';
import type { MusterProps } from './props.ts';

export interface MusterStackProps extends Omit<MusterProps, 'alarmTopic' | 'metricsNamespace' | 'removalPolicy'> {
  /** Names an independent copy of everything. */
  readonly stage: string;

  /**
   * ARN of an SNS topic that alarms notify. Without one, they only appear in CloudWatch.
   * @default - none
   */
  readonly alarmTopicArn?: string;

  /**
   * Protects the stack and its tables from deletion, keeps the tables when the stack is deleted all the same, and backs them up
   * continuously (point-in-time recovery). `false` is for a stage that `npx cdk destroy` shall remove with its data.
   * @default true
   */
  readonly protect?: boolean;
}

/** One stage: a Muster in a stack of its own. */
export class MusterStack extends Stack {
  readonly muster: Muster;

  constructor(scope: Construct, id: string, { stage, alarmTopicArn, protect = true, ...props }: MusterStackProps) {
    super(scope, id, {
      description: `Muster: multi-agent task orchestration, stage ${stage}`,
      terminationProtection: protect,
    });
    this.muster = new Muster(this, 'Muster', {
      ...props,
      ...(alarmTopicArn && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
      metricsNamespace: `Muster/${stage}`,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.output({
      ApiUrl: this.muster.api.apiEndpoint,
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

  /** What people and scripts look up after a deployment, by these names. */
  private output(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
