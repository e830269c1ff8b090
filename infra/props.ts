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
   * The longest time an idle agent is asked to wait between claims. The wait starts at 2 seconds after work and grows up to this. It is
   * never more than a third of `startWithin` or `staleAfter`.
   * @default Duration.seconds(10)
   */
  readonly maxPoll?: Duration;

  /**
   * Allowance of high priority. Tasks run in the order of the time they became ready plus the allowance of their priority, so low
   * priority never starves.
   * @default Duration.minutes(1)
   */
  readonly highAllowance?: Duration;

  /**
   * Allowance of medium priority.
   * @default Duration.hours(1)
   */
  readonly mediumAllowance?: Duration;

  /**
   * Allowance of low priority.
   * @default Duration.days(1)
   */
  readonly lowAllowance?: Duration;

  /**
   * How many lanes (distinct sets of required capabilities with their routing) may be active. At the limit, tasks that need a new
   * lane are refused. A lane stops counting when it is empty and has not been used for a day.
   * @default 1000
   */
  readonly maxLanes?: number;

  /**
   * How many tasks may be open (not ended). At the limit, requests to create tasks get 429, and clients try again later. The limit
   * is approximate, because the counts are a few seconds old.
   * @default 1000000
   */
  readonly maxOpenTasks?: number;

  /**
   * Which events go on the bus: `none`; `ended`, which is Completed, Failed, Blocked, Cancelled and Requeued; or `all`, which adds
   * Ready, Assigned and Started. Muster itself needs none of them.
   * @default 'ended'
   */
  readonly publicEvents?: PublicEvents;

  /**
   * Requests per second that the HTTP API accepts on average; beyond that it responds with 429. Claims, heartbeats and reports may use
   * all of it; every other operation gets a share.
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
   * Origins whose pages may call the API from a browser, such as `https://app.example.com`. `https://*` allows every origin with
   * that scheme, and `*` allows every origin. Pages need a key like any other caller. The dashboard works without this.
   * @default []
   */
  readonly corsOrigins?: readonly string[];

  /**
   * How long CloudWatch keeps logs.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * How many batches of ready tasks are routed at the same time. A higher number assigns bursts faster and takes more of the
   * account's Lambda concurrency.
   * @default 10
   */
  readonly routerConcurrency?: number;

  /**
   * Whether AWS X-Ray traces the functions. It samples one request per second and 5% of the rest, at $5 per million traces.
   * @default false
   */
  readonly tracing?: boolean;

  /**
   * Address of your copy of the runbook, such as https://github.com/example/muster/blob/main/docs/runbook.md. Alarms and the
   * CloudWatch dashboard link to its sections; without an address they name the file.
   * @default 'docs/runbook.md'
   */
  readonly runbookUrl?: string;

  /**
   * The topic that alarms notify.
   * @default - alarms only appear in CloudWatch
   */
  readonly alarmTopic?: ITopic;

  /**
   * A KMS key that encrypts both tables and the stream, instead of a key that DynamoDB owns. Functions get permission to use it.
   * Queues, the bus and logs stay encrypted with keys of AWS.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey;

  /**
   * A domain name for the API, in addition to the address from API Gateway.
   * @default - only the address from API Gateway
   */
  readonly domain?: MusterDomain;

  /**
   * A Lambda function that identifies callers, instead of Muster's own API keys. It gets API Gateway's authorizer event, format 2.0,
   * and returns `{ isAuthorized: true, context }` with a `MusterIdentity` as the context. Its result for a value of the Authorization
   * header is cached for `authorizerCache`. For MCP it is called for every request, even without that header.
   * @default - keys created with `npm run key` or the operation create_key
   */
  readonly authorizer?: IFunction;

  /**
   * The namespace of the functions' metrics. If two Musters share a namespace, you cannot distinguish their metrics.
   * @default - `Muster/` and the path of the construct
   */
  readonly metricsNamespace?: string;

  /**
   * Existing tables to take over, for example restored from a backup, instead of creating new ones. They need the same keys, indexes
   * and time to live; the tasks table also needs a stream of new and old images. They stay when the stack is deleted.
   * @default - the construct creates its tables
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

/** A custom domain name for the API. */
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
