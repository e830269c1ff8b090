import { RemovalPolicy } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type ITable,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { primaryKey, taskIndexes, ttlAttribute } from '#shared/schema.ts';
import type { Settings } from '../defaults.ts';
import type { MusterProps, MusterTables } from '../props.ts';
import { acknowledge } from './acknowledge.ts';

interface StorageProps {
  settings: Pick<Settings, 'removalPolicy'>;
  /** Existing tables to take over, or the encryption key of new ones. */
  given: Pick<MusterProps, 'tables' | 'encryptionKey'>;
}

/** The two tables. Their keys are explained in shared/adapters/item-keys.ts. */
export class Storage extends Construct {
  readonly tasks: ITable;
  readonly agents: ITable;

  constructor(scope: Construct, id: string, props: StorageProps) {
    super(scope, id);
    const { tasks, agents } = props.given.tables ?? this.ownTables(props);
    this.tasks = tasks;
    this.agents = agents;
  }

  private ownTables({ settings: { removalPolicy }, given: { encryptionKey } }: StorageProps): MusterTables {
    const isProtected = removalPolicy !== RemovalPolicy.DESTROY;
    const common: TableProps = {
      ...keySchema(primaryKey),
      timeToLiveAttribute: ttlAttribute,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: isProtected },
      deletionProtection: isProtected,
      removalPolicy,
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
    };

    const tasks = new Table(this, 'Tasks', { ...common, stream: StreamViewType.NEW_AND_OLD_IMAGES });
    for (const { name, ...keys } of taskIndexes) {
      const projectionType = ProjectionType.KEYS_ONLY;
      tasks.addGlobalSecondaryIndex({ indexName: name, ...keySchema(keys), projectionType });
    }
    const agents = new Table(this, 'Agents', common);
    if (!isProtected) {
      acknowledge(this, 'A stage to be deleted with its data has nothing to restore', 'AwsSolutions-DDB3');
    }
    // With exactOptionalPropertyTypes, CDK's own class does not fit its interface.
    return { tasks: tasks as ITable, agents: agents as ITable };
  }

  /** Reads and writes throttled because a partition was too hot, on a table or on the indexes of the tasks table. */
  metricsOfThrottles(of: 'tasks' | 'indexes' | 'agents', options?: MetricOptions): Metric[] {
    const indexes = of === 'indexes' ? taskIndexes.map(({ name }) => ({ GlobalSecondaryIndexName: name })) : [{}];
    const { tableName: TableName } = of === 'agents' ? this.agents : this.tasks;
    return ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((metricName) =>
      indexes.map((index) => {
        const dimensionsMap = { TableName, ...index };
        return new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum', ...options });
      }),
    );
  }
}

function keySchema({ partition, sort }: { partition: string; sort: string }) {
  return {
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: { name: sort, type: AttributeType.STRING },
  };
}
