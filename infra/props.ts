import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { PublicEvents } from './names.ts';

/** Settings of a Muster. Everything has a default. */
export interface MusterProps {
  /**
   * How long an ended task and its result are kept.
   * @default Duration.days(30)
   */
  readonly retention?: Duration;

  /**
   * How long a running task may go without a heartbeat before it counts as lost.
   * @default Duration.minutes(5)
   */
  readonly lease?: Duration;

  /**
   * How soon an assigned task must be started before it goes to another agent.
   * @default Duration.minutes(2)
   */
  readonly startWithin?: Duration;

  /**
   * How long an agent may be unseen before it gets no new work.
   * @default Duration.minutes(3)
   */
  readonly staleAfter?: Duration;

  /**
   * How long an idle agent is asked to wait between claims, at most: 2 seconds after work, then longer and longer up to this. Never
   * more than a third of `startWithin` and of `staleAfter`.
   * @default Duration.seconds(10)
   */
  readonly maxPoll?: Duration;

  /**
   * Tasks run in the order of the time they became ready plus the allowance of their priority, so low priority never starves.
   * @default Duration.minutes(1)
   */
  readonly highAllowance?: Duration;

  /**
   * The same for medium priority.
   * @default Duration.hours(1)
   */
  readonly mediumAllowance?: Duration;

  /**
   * The same for low priority.
   * @default Duration.days(1)
   */
  readonly lowAllowance?: Duration;

  /**
   * How many lanes (distinct sets of required capabilities with their routing) may be active. While there are so many, a task
   * with another set is refused. A lane stops counting when it is empty and was not used for a day.
   * @default 1000
   */
  readonly maxLanes?: number;

  /**
   * How many tasks may be open (not ended). While there are so many, creations are answered 429 and tried again later. It is kept
   * by counts that are some seconds old.
   * @default 1000000
   */
  readonly maxOpenTasks?: number;

  /**
   * Which events go on the bus: `none`; `ended`, which is Completed, Failed, Blocked, Cancelled and Requeued; or `all`, which adds
   * Ready, Assigned and Started. Muster needs none of them.
   * @default 'ended'
   */
  readonly publicEvents?: PublicEvents;

  /**
   * Requests per second that the HTTP API accepts on average; beyond that it answers 429. Operations other than claims, heartbeats and
   * reports have a share of it each.
   * @default 500
   */
  readonly throttleRate?: number;

  /**
   * Burst of requests that the HTTP API accepts.
   * @default 1000
   */
  readonly throttleBurst?: number;

  /**
   * How long API Gateway caches the authorization of a key, and so how long a revoked key may still work. 0 disables the cache.
   * @default Duration.minutes(1)
   */
  readonly authorizerCache?: Duration;

  /**
   * Origins whose pages may call the API from a browser, such as `https://app.example.com`; `https://*` allows all with that
   * scheme, and `*` every origin. A page needs a key like any other caller. The dashboard works without this.
   * @default []
   */
  readonly corsOrigins?: readonly string[];

  /**
   * How long CloudWatch keeps logs.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * How many batches of ready tasks are routed at the same time. More assign faster in a burst, and take more of the account's
   * Lambda concurrency.
   * @default 10
   */
  readonly routerConcurrency?: number;

  /**
   * Whether AWS X-Ray traces the functions. It samples one request per second and 5% of the rest, at $5 per million traces.
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * Where people read the runbook, such as https://github.com/example/muster/blob/main/docs/runbook.md: alarms and the CloudWatch
   * dashboard link to its sections. Muster does not know where your copy is; until you say so, they name the file.
   * @default 'docs/runbook.md'
   */
  readonly runbookUrl?: string;

  /**
   * The topic that alarms notify.
   * @default - alarms only appear in CloudWatch
   */
  readonly alarmTopic?: ITopic;

  /**
   * A KMS key that encrypts both tables and the stream, in place of a key of DynamoDB's. Functions get the permissions to use it. Queues, the bus and
   * logs stay encrypted with keys of AWS.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey;

  /**
   * A domain name for the API, besides the address that API Gateway gives it.
   * @default - the address of API Gateway alone
   */
  readonly domain?: MusterDomain;

  /**
   * A Lambda function that says who is calling, in place of the access keys of Muster. It gets API Gateway's authorizer event, format
   * 2.0, and returns `{ isAuthorized: true, context }` with a `MusterIdentity` as the context. Its answers for a value of the header
   * Authorization are kept for `authorizerCache`; for MCP it is asked about each request, also without that header.
   * @default - keys that are made with `npm run key` or the operation create_key
   */
  readonly authorizer?: IFunction;

  /**
   * The namespace of the functions' metrics. Two Musters that share one cannot be distinguished in their metrics.
   * @default - `Muster/` and the path of the construct
   */
  readonly metricsNamespace?: string;

  /**
   * Tables to take over, restored from a backup for example, in place of tables of its own. They need the same keys, indexes and
   * time to live, and the tasks a stream of new and old images. They stay when the stack is deleted.
   * @default - tables of its own
   */
  readonly tables?: MusterTables;

  /**
   * What happens to the tables when the stack is deleted. They have deletion protection and point-in-time recovery unless it
   * is DESTROY.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

export interface MusterTables {
  readonly tasks: ITable;
  readonly agents: ITable;
}

/** A name of your own for the API. */
export interface MusterDomain {
  /** For example `muster.example.com`. */
  readonly domainName: string;

  /** A certificate for that name, in the region of the stack. */
  readonly certificate: ICertificate;

  /**
   * The hosted zone in which the name gets its records.
   * @default - none: point the name at `domain` of the Muster yourself
   */
  readonly hostedZone?: IHostedZone;
}
