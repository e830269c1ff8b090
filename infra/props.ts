import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { settingDefaults, type publishedOnRequest } from '#shared/schema.ts';

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
   * Events to publish besides Completed, Failed, Blocked, Cancelled and Requeued, which the release of dependents needs.
   * @default []
   */
  readonly extraEvents?: readonly ExtraEvent[];

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
   * The topic that alarms notify.
   * @default - alarms only appear in CloudWatch
   */
  readonly alarmTopic?: ITopic;

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

export type ExtraEvent = (typeof publishedOnRequest)[number];

/** The props with their defaults, as the constructs receive them. */
export type Settings = Required<Omit<MusterProps, 'alarmTopic' | 'tables'>>;

const { allowanceSeconds } = settingDefaults;

export const defaults: Omit<Settings, 'metricsNamespace'> = {
  retention: Duration.days(settingDefaults.retentionDays),
  lease: Duration.seconds(settingDefaults.leaseSeconds),
  startWithin: Duration.seconds(settingDefaults.startWithinSeconds),
  staleAfter: Duration.seconds(settingDefaults.staleAfterSeconds),
  maxPoll: Duration.millis(settingDefaults.maxPollMilliseconds),
  highAllowance: Duration.seconds(allowanceSeconds.high),
  mediumAllowance: Duration.seconds(allowanceSeconds.medium),
  lowAllowance: Duration.seconds(allowanceSeconds.low),
  maxLanes: settingDefaults.maxLanes,
  maxOpenTasks: settingDefaults.maxOpenTasks,
  extraEvents: [],
  throttleRate: 500,
  throttleBurst: 1_000,
  authorizerCache: Duration.seconds(settingDefaults.authorizerCacheSeconds),
  corsOrigins: [],
  logRetention: RetentionDays.ONE_MONTH,
  routerConcurrency: 10,
  tracing: false,
  removalPolicy: RemovalPolicy.RETAIN,
};

const hour = 3_600;
const day = 24 * hour;

/** The smallest and the largest value of a number, or of a duration in seconds. */
export const ranges = {
  retention: [day, 365 * day],
  lease: [10, day],
  startWithin: [10, day],
  staleAfter: [60, day],
  maxPoll: [0.5, 60],
  highAllowance: [0, 7 * day],
  mediumAllowance: [0, 7 * day],
  lowAllowance: [0, 7 * day],
  maxLanes: [10, 10_000],
  maxOpenTasks: [1, 1_000_000_000],
  throttleRate: [1, 10_000],
  throttleBurst: [1, 5_000],
  authorizerCache: [0, hour],
  // What an event source mapping allows.
  routerConcurrency: [2, 1_000],
} as const satisfies Partial<Record<keyof Settings, readonly [number, number]>>;

export type RangedProp = keyof typeof ranges;

/** What API Gateway takes for an origin: no path, and a `*` in place of the whole host only. */
export const corsOrigin = /^(\*|https?:\/\/(\*|[\w.-]+(:\d{1,5})?|\[[\da-f:.]+\](:\d{1,5})?))$/i;

/**
 * What the Muster in this scope is set to.
 * @throws Error that names the first prop that is out of its range
 */
export function settingsOf(scope: Construct, props: MusterProps): Settings {
  const given = Object.entries(props).filter(([, value]) => value !== undefined);
  // A namespace may hold no other characters.
  const metricsNamespace = `Muster/${scope.node.path.replaceAll(/[^\w.\-/#:]/g, '-')}`;
  const settings = { ...defaults, metricsNamespace, ...(Object.fromEntries(given) as MusterProps) };
  for (const [name, [min, max]] of Object.entries(ranges) as [RangedProp, readonly [number, number]][]) {
    const value = settings[name];
    const [amount, unit] = typeof value === 'number' ? [value, ''] : [value.toSeconds({ integral: false }), ' seconds'];
    if (amount < min || amount > max) throw new Error(`${name} must be ${min} to ${max}${unit}, not ${amount}${unit}`);
  }
  const [wrong] = settings.corsOrigins.filter((origin) => !corsOrigin.test(origin));
  if (wrong !== undefined) throw new Error(`corsOrigins must be such as https://app.example.com, not "${wrong}"`);
  return settings;
}
