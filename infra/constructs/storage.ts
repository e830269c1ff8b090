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
import type { Settings } from '../settings.ts';

/** The two tables. What their keys mean is in shared/adapters/item-keys.ts. */
export class Storage extends Construct {
  readonly tasks: Table;
  readonly agents: Table;

  constructor(scope: Construct, id: string, { settings }: { settings: Settings }) {
    super(scope, id);
    const isProduction = settings.stage === 'prod';
    const common: TableProps = {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isProduction,
      removalPolicy: isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };

    this.tasks = new Table(this, 'Tasks', { ...common, stream: StreamViewType.NEW_AND_OLD_IMAGES });
    this.tasks.addGlobalSecondaryIndex({
      indexName: 'work',
      partitionKey: { name: 'g', type: AttributeType.STRING },
      sortKey: { name: 'h', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.tasks.addGlobalSecondaryIndex({
      indexName: 'by-agent',
      partitionKey: { name: 'a', type: AttributeType.STRING },
      sortKey: { name: 'b', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });

    this.agents = new Table(this, 'Agents', common);
  }
}
