import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { primaryKey, taskIndexes, ttlAttribute } from '#shared/schema.ts';
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
}

function keySchema({ partition, sort }: { partition: string; sort: string }) {
  return {
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: { name: sort, type: AttributeType.STRING },
  };
}
