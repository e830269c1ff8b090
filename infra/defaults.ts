import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { publicEvents, settingDefaults } from '#shared/schema.ts';
import type { MusterProps } from './props.ts';

/** The props with defaults applied, as the constructs receive them. */
export type Settings = Required<Omit<MusterProps, 'alarmTopic' | 'tables' | 'encryptionKey' | 'domain' | 'authorizer'>>;

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
  publicEvents: settingDefaults.publicEvents,
  throttleRate: 500,
  throttleBurst: 1_000,
  authorizerCache: Duration.seconds(settingDefaults.authorizerCacheSeconds),
  corsOrigins: [],
  logRetention: RetentionDays.ONE_MONTH,
  routerConcurrency: 10,
  tracing: false,
  runbookUrl: 'docs/runbook.md',
  removalPolicy: RemovalPolicy.RETAIN,
};

const hour = 3_600;
const day = 24 * hour;

/** The minimum and maximum of a number, or of a duration in seconds. */
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
  // The range of an event source mapping.
  routerConcurrency: [2, 1_000],
} as const satisfies Partial<Record<keyof Settings, readonly [number, number]>>;

export type RangedProp = keyof typeof ranges;

/** The origins that API Gateway accepts: no path, and `*` only in place of the whole host. */
export const corsOrigin = /^(\*|https?:\/\/(\*|[\w.-]+(:\d{1,5})?|\[[\da-f:.]+\](:\d{1,5})?))$/i;

/**
 * The settings of the Muster in this scope.
 * @throws Error that names the first prop out of range
 */
export function settingsOf(scope: Construct, props: MusterProps): Settings {
  const given = Object.entries(props).filter(([, value]) => value !== undefined);
  // Other characters are not allowed in a namespace.
  const metricsNamespace = `Muster/${scope.node.path.replaceAll(/[^\w.\-/#:]/g, '-')}`;
  const settings = { ...defaults, metricsNamespace, ...(Object.fromEntries(given) as MusterProps) };
  for (const [name, [min, max]] of Object.entries(ranges) as [RangedProp, readonly [number, number]][]) {
    const value = settings[name];
    const [amount, unit] = typeof value === 'number' ? [value, ''] : [value.toSeconds({ integral: false }), ' seconds'];
    if (amount < min || amount > max) throw new Error(`${name} must be ${min} to ${max}${unit}, not ${amount}${unit}`);
  }
  if (!Object.hasOwn(publicEvents, settings.publicEvents)) {
    throw new Error(`publicEvents must be ${Object.keys(publicEvents).join(', ')}, not "${settings.publicEvents}"`);
  }
  const [wrong] = settings.corsOrigins.filter((origin) => !corsOrigin.test(origin));
  if (wrong !== undefined) throw new Error(`corsOrigins must look like https://app.example.com, not "${wrong}"`);
  return settings;
}
