import { RemovalPolicy } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { primaryKey, taskIndexes, ttlAttribute, workIndex } from '#shared/schema.ts';
import type { Settings } from '../props.ts';

/** The two tables. What their keys mean is in shared/adapters/item-keys.ts. */
export class Storage extends Construct {
  readonly tasks: Table;
  readonly agents: Table;

  constructor(scope: Construct, id: string, { removalPolicy }: Pick<Settings, 'removalPolicy'>) {
    super(scope, id);
    const common: TableProps = {
      ...keySchema(primaryKey),
      timeToLiveAttribute: ttlAttribute,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
    };

    this.tasks = new Table(this, 'Tasks', { ...common, stream: StreamViewType.NEW_AND_OLD_IMAGES });
    for (const { name, ...keys } of taskIndexes) {
      const projectionType = ProjectionType.KEYS_ONLY;
      this.tasks.addGlobalSecondaryIndex({ indexName: name, ...keySchema(keys), projectionType });
    }

    this.agents = new Table(this, 'Agents', common);
  }

  /** How many writes DynamoDB refused because a partition of the tasks or of their index of work was too hot. */
  metricThrottledTasks(options?: MetricOptions): MathExpression {
    const throttled = (dimensions: Record<string, string>) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName: 'WriteThrottleEvents',
        dimensionsMap: { TableName: this.tasks.tableName, ...dimensions },
        statistic: 'Sum',
        ...options,
      });
    return new MathExpression({
      expression: 'FILL(tasks, 0) + FILL(work, 0)',
      label: 'Throttled writes of tasks',
      ...(options?.period && { period: options.period }),
      usingMetrics: { tasks: throttled({}), work: throttled({ GlobalSecondaryIndexName: workIndex.name }) },
    });
  }
}

function keySchema({ partition, sort }: { partition: string; sort: string }) {
  return {
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: { name: sort, type: AttributeType.STRING },
  };
}
