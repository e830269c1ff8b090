import { Duration, type App } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { publicEvents, type PublicEvents } from '#shared/schema.ts';
import { corsOrigin, defaults, ranges, type RangedProp } from './defaults.ts';
import type { MusterStackProps } from './stack.ts';

/** How a setting is parsed into a prop. */
interface Rule<Prop extends keyof MusterStackProps = keyof MusterStackProps> {
  prop: Prop;
  default: string;
  /** What is allowed, for the error message. */
  allowed: string;
  parse(text: string): MusterStackProps[Prop] | undefined;
}

const finiteRetentions = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/**
 * The props that can be set on the command line (`npx cdk deploy -c name=value`), or under `context` in cdk.json. Names
 * of durations end in their unit.
 */
export const rules = {
  stage: matching(
    'stage',
    'dev',
    /^[a-z][a-z0-9-]{0,19}$/,
    'a lowercase letter followed by up to 19 of a-z, 0-9 and -',
  ),

  retentionDays: days('retention'),
  leaseSeconds: seconds('lease'),
  startWithinSeconds: seconds('startWithin'),
  staleAfterSeconds: seconds('staleAfter'),
  maxPollMilliseconds: milliseconds('maxPoll'),

  highAllowanceSeconds: seconds('highAllowance'),
  mediumAllowanceSeconds: seconds('mediumAllowance'),
  lowAllowanceSeconds: seconds('lowAllowance'),

  maxLanes: wholeNumber('maxLanes'),
  maxOpenTasks: wholeNumber('maxOpenTasks'),

  publicEvents: oneOf('publicEvents', Object.keys(publicEvents) as PublicEvents[]),

  throttleRate: wholeNumber('throttleRate'),
  throttleBurst: wholeNumber('throttleBurst'),
  authorizerCacheSeconds: seconds('authorizerCache'),
  corsOrigins: origins('corsOrigins'),

  logRetentionDays: oneOf('logRetention', finiteRetentions),
  routerConcurrency: wholeNumber('routerConcurrency'),
  tracing: flag('tracing', defaults.tracing),
  runbookUrl: matching(
    'runbookUrl',
    defaults.runbookUrl,
    /^https:\/\/[^\s()#]+$/,
    'an address that begins with https://',
  ),
  alarmTopicArn: matching(
    'alarmTopicArn',
    '',
    /^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
    'the ARN of an SNS topic',
  ),

  protect: flag('protect', true),
  restoredTasksStreamArn: matching(
    'restoredTasksStreamArn',
    '',
    /^$|^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/[\w:.-]+$/,
    'the ARN of the stream of a table',
  ),
  restoredAgentsTableArn: matching(
    'restoredAgentsTableArn',
    '',
    /^$|^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+$/,
    'the ARN of a table',
  ),
} satisfies Record<string, Rule>;

/**
 * Reads the settings in order of precedence: the caller's, the app's context (`-c name=value`, cdk.json), and the
 * stage's entry under `stages` in cdk.json. Anything else keeps its default.
 * @throws Error that names every setting that is unknown, invalid or set twice
 */
export function readSettings(app: App, given: Readonly<Record<string, unknown>>): MusterStackProps {
  const { stages, ...context } = namedLikeSettings(app.node.getAllContext() as Record<string, unknown>);
  const forAll = { stage: rules.stage.default, ...context, ...given };
  const { stage } = forAll;
  const forStage = settingsOfStage(stages, stage);
  const values: Record<string, unknown> = { ...forStage, ...forAll };
  const byName: Partial<Record<string, Rule>> = rules;
  // Which of the two applies would be a guess: values from the command line and from cdk.json cannot be distinguished.
  const errors = Object.keys(forStage)
    .filter((name) => name in forAll)
    .map((name) => `${name} is set for stage ${stage} in cdk.json; change it there, not with -c`);
  const read = ([name, value]: [string, unknown]): [string, unknown][] => {
    const rule = byName[name];
    if (!rule) {
      errors.push(`${name} is not a known setting; the settings are ${Object.keys(rules).join(', ')}`);
      return [];
    }
    const read = isPlain(value) ? rule.parse(String(value)) : undefined;
    if (read === undefined) errors.push(`${name} must be ${rule.allowed}, not ${JSON.stringify(value)}`);
    return [[rule.prop, read]];
  };
  const props = Object.fromEntries(Object.entries(values).flatMap(read));
  if (errors.length > 0) throw new Error(`Invalid settings:\n${errors.map((error) => `- ${error}`).join('\n')}`);
  return props as unknown as MusterStackProps;
}

/** The settings of a stage in cdk.json: `"context": { "stages": { "prod": { "retentionDays": 90 } } }`. */
function settingsOfStage(stages: unknown, stage: string): Record<string, unknown> {
  return (stages as Record<string, Record<string, unknown>> | undefined)?.[stage] ?? {};
}

/** The types that a setting can have on the command line (always text) and in cdk.json. */
const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);

/** Drops CDK's own context, whose names contain `:` or `-`, so that a mistyped setting is noticed. */
function namedLikeSettings(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([name]) => /^\w+$/.test(name)));
}

type Ranged<Value> = { [Prop in RangedProp]: (typeof defaults)[Prop] extends Value ? Prop : never }[RangedProp];

function days(prop: Ranged<Duration>): Rule<Ranged<Duration>> {
  const [min, max] = ranges[prop];
  const toDays = (seconds: number) => Duration.seconds(seconds).toDays();
  return within([toDays(min), toDays(max)], prop, defaults[prop].toDays(), (amount) => Duration.days(amount));
}

function seconds(prop: Ranged<Duration>): Rule<Ranged<Duration>> {
  return within(ranges[prop], prop, defaults[prop].toSeconds(), (amount) => Duration.seconds(amount));
}

function milliseconds(prop: Ranged<Duration>): Rule<Ranged<Duration>> {
  const [min, max] = ranges[prop];
  const range = [min * 1000, max * 1000] as const;
  return within(range, prop, defaults[prop].toMilliseconds(), (amount) => Duration.millis(amount));
}

function wholeNumber(prop: Ranged<number>): Rule<Ranged<number>> {
  return within(ranges[prop], prop, defaults[prop], (amount) => amount);
}

function within<Value extends Duration | number>(
  [min, max]: readonly [number, number],
  prop: Ranged<Value>,
  byDefault: number,
  valueOf: (amount: number) => Value,
) {
  return {
    prop,
    default: String(byDefault),
    allowed: `a whole number from ${min} to ${max}`,
    parse: (text: string) =>
      /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? valueOf(Number(text)) : undefined,
  };
}

function oneOf<Value extends RetentionDays | PublicEvents>(
  prop: 'logRetention' | 'publicEvents',
  choices: readonly Value[],
) {
  return {
    prop,
    default: String(defaults[prop]),
    allowed: `one of ${choices.join(', ')}`,
    parse: (text: string) => choices.find((choice) => String(choice) === text),
  };
}

function matching<
  Prop extends 'stage' | 'alarmTopicArn' | 'runbookUrl' | (`restored${string}Arn` & keyof MusterStackProps),
>(prop: Prop, byDefault: string, pattern: RegExp, allowed: string): Rule<Prop> {
  return { prop, default: byDefault, allowed, parse: (text) => (pattern.test(text) ? text : undefined) };
}

function flag<Prop extends 'protect' | 'tracing'>(prop: Prop, byDefault: boolean) {
  return {
    prop,
    default: String(byDefault),
    allowed: 'true or false',
    parse: (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined),
  };
}

function origins(prop: 'corsOrigins'): Rule<'corsOrigins'> {
  return {
    prop,
    default: '',
    allowed: 'a comma-separated list of origins such as https://app.example.com, or *',
    parse(text) {
      const all = text === '' ? [] : text.split(',').map((one) => one.trim());
      return all.every((one) => corsOrigin.test(one)) ? all : undefined;
    },
  };
}
