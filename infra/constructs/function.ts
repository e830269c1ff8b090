import { Names, RemovalPolicy, Tags, type Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
  type EventInvokeConfigOptions,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { env } from '#shared/env.ts';
import { agentsTableItems, type AgentsTableItems, type PublicEvents, type TaskIndex } from '#shared/schema.ts';
import type { FunctionName } from '#scripts/bundle.ts';
import { bundlePath } from '../bundle-path.ts';
import type { Settings } from '../defaults.ts';
import { acknowledge } from './acknowledge.ts';

interface MusterFunctionProps {
  name: FunctionName;
  does: string;
  settings: Settings;
  memoryMB: number;
  timeout: Duration;
  /** What happens to a failed event whose caller does not wait (rules and schedules). */
  onAsyncEvent?: EventInvokeConfigOptions;
}

/** Actions on items. */
export type Access = 'GetItem' | 'BatchGetItem' | 'BatchWriteItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';

const dynamoDb = (action: Access): string => `dynamodb:${action}`;

/**
 * A function with its own role and log group. It can do nothing but log until one of the methods below grants a
 * permission along with the environment variable that needs it, so that neither can be forgotten.
 */
export class MusterFunction extends Function {
  readonly shortName: FunctionName;

  constructor(
    scope: Construct,
    id: string,
    { name, does, settings, memoryMB, timeout, onAsyncEvent }: MusterFunctionProps,
  ) {
    super(scope, id, {
      description: does,
      code: Code.fromAsset(bundlePath(name)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMB,
      timeout,
      role: new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
      logGroup: new LogGroup(scope, `${id}Log`, {
        retention: settings.logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      // Lambda's own log lines about each call would cost more than the calls.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: { [env.service]: name, [env.metricsNamespace]: settings.metricsNamespace },
      ...onAsyncEvent,
    });
    this.shortName = name;
    this.logGroup.grantWrite(this);
    acknowledge(
      this,
      'Failed events are retried by a client, a queue, a stream, or Lambda, whose failure destination keeps more',
      'Serverless-LambdaDLQ',
    );
    if (!settings.tracing)
      acknowledge(this, 'Traces are billed: the setting tracing turns them on', 'Serverless-LambdaTracing');
    else if (this.role) {
      acknowledge(this.role, 'The actions of X-Ray support no resource but *', 'AwsSolutions-IAM5[Resource::*]');
    }
    Tags.of(this).add('function', name);
  }

  /** Grants exactly these actions on items of the tasks table, and queries of the named indexes. */
  usesTasks(tasks: ITable, access: Access[], indexes: TaskIndex[] = []): this {
    this.addEnvironment(env.tasksTable, tasks.tableName);
    this.usesKeyOf(tasks);
    this.allow(access, tasks.tableArn);
    if (indexes.length > 0) this.allow(['Query'], ...indexes.map(({ name }) => `${tasks.tableArn}/index/${name}`));
    return this;
  }

  /**
   * Grants exactly these actions on each kind of item in the agents table. Actions that name no item, such as Scan,
   * must never be included: a condition on keys also passes for requests without keys.
   */
  usesAgents(agents: ITable, { format = [], ...access }: Partial<Record<AgentsTableItems, Access[]>>): this {
    this.addEnvironment(env.agentsTable, agents.tableName);
    this.usesKeyOf(agents);
    // Every process checks once whether it understands the stored data.
    const all = { ...access, format: ['GetItem', ...format] satisfies Access[] };
    for (const [kind, actions] of Object.entries(all)) {
      const keys = agentsTableItems[kind as AgentsTableItems];
      this.addToRolePolicy(
        new PolicyStatement({
          actions: actions.map(dynamoDb),
          resources: [agents.tableArn],
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
        }),
      );
    }
    return this;
  }

  /** With a customer key, DynamoDB uses it on behalf of the caller. */
  private usesKeyOf({ encryptionKey }: ITable): void {
    if (encryptionKey === undefined) return;
    encryptionKey.grantEncryptDecrypt(this);
    if (!this.role) return;
    const reason = 'Each of these pairs of actions is one permission to encrypt with this key';
    acknowledge(
      this.role,
      reason,
      'AwsSolutions-IAM5[Action::kms:ReEncrypt*]',
      'AwsSolutions-IAM5[Action::kms:GenerateDataKey*]',
    );
  }

  private allow(access: Access[], ...resources: string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: access.map(dynamoDb), resources }));
  }

  /** Allows sending ready tasks to the router's queue. */
  sendsReadyTasksTo(queue: Queue): this {
    return this.sendsTo(queue, env.readyQueueUrl);
  }

  /** Allows sending releases to be continued later. */
  sendsReleasesTo(queue: Queue): this {
    return this.sendsTo(queue, env.releaseQueueUrl);
  }

  /**
   * Subscribes the function to a queue, with reports of failed messages. Grants only what Lambda requires;
   * SqsEventSource would grant more.
   */
  takesMessagesOf(queue: Queue, options: { batchSize: number; maxConcurrency: number }): this {
    this.addToRolePolicy(
      new PolicyStatement({
        // Lambda rejects a mapping whose role may not read the queue's attributes.
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [queue.queueArn],
      }),
    );
    // The id that SqsEventSource would use: under another one, a deployment would create a second mapping, which Lambda
    // rejects.
    this.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
      eventSourceArn: queue.queueArn,
      reportBatchItemFailures: true,
      ...options,
    });
    acknowledge(
      this,
      'A message that fails goes to the dead letters by the redrive policy of its queue',
      'Serverless-LambdaEventSourceMappingDestination',
    );
    return this;
  }

  /** Allows dead-lettering what can never be processed, with its content. */
  sendsDeadLettersTo(queue: Queue): this {
    return this.sendsTo(queue, env.deadLetterQueueUrl);
  }

  private sendsTo(queue: Queue, variable: string): this {
    this.addEnvironment(variable, queue.queueUrl);
    this.addToRolePolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }));
    return this;
  }

  /** Allows putting events on the bus: the selected public ones, and internal ones. */
  publishesTo(bus: EventBus, publicEvents: PublicEvents): this {
    this.addEnvironment(env.busName, bus.eventBusName);
    this.addEnvironment(env.publicEvents, publicEvents);
    this.addToRolePolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }));
    return this;
  }

  /** Passes the durations of the protocols. */
  usesDurations(settings: Settings): this {
    const allowances = {
      high: settings.highAllowance.toSeconds(),
      medium: settings.mediumAllowance.toSeconds(),
      low: settings.lowAllowance.toSeconds(),
    };
    this.addEnvironment(env.startWithinSeconds, String(settings.startWithin.toSeconds()));
    this.addEnvironment(env.leaseSeconds, String(settings.lease.toSeconds()));
    this.addEnvironment(env.staleAfterSeconds, String(settings.staleAfter.toSeconds()));
    this.addEnvironment(env.maxPoll, String(settings.maxPoll.toMilliseconds()));
    this.addEnvironment(env.retentionDays, String(settings.retention.toDays()));
    this.addEnvironment(env.maxLanes, String(settings.maxLanes));
    this.addEnvironment(env.maxOpenTasks, String(settings.maxOpenTasks));
    this.addEnvironment(env.priorityAllowances, JSON.stringify(allowances));
    return this;
  }
}
