import type { App } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { publishedOnRequest, settingDefaults } from '#shared/schema.ts';

const finiteRetentions = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** How a setting is read: its default, what is allowed (as text, for the error) and how its text becomes a value. */
interface Rule<T> {
  /** One sentence for people: `npm run generate` puts it into the README. */
  means: string;
  default: T;
  allowed: string;
  parse(text: string): T | undefined;
}

/**
 * Every setting of a deployment. Set one with `npx cdk deploy -c name=value`, or under `context` in cdk.json.
 * Durations end in the name of their unit.
 */
const rules = {
  stage: matching(
    'Names an independent copy of everything. `prod` has deletion protection and keeps its data when the stack is deleted.',
    'dev',
    /^[a-z][a-z0-9-]{0,19}$/,
    'a lower-case letter, then up to 19 of a-z, 0-9 and -',
  ),

  retentionDays: wholeNumber(
    'How long a finished task and its result are kept.',
    settingDefaults.retentionDays,
    1,
    365,
  ),
  leaseSeconds: wholeNumber(
    'How long a running task may go without a heartbeat before it counts as lost.',
    settingDefaults.leaseSeconds,
    10,
    86_400,
  ),
  startWithinSeconds: wholeNumber(
    'How soon an assigned task must be started before it goes to somebody else.',
    settingDefaults.startWithinSeconds,
    10,
    86_400,
  ),
  staleAfterSeconds: wholeNumber(
    'How long an agent may be unseen before it gets no new work.',
    settingDefaults.staleAfterSeconds,
    60,
    86_400,
  ),

  highAllowanceSeconds: wholeNumber(
    'A task runs as if it had to by the time it became ready plus the allowance of its priority: low never starves.',
    settingDefaults.allowanceSeconds.high,
    0,
    604_800,
  ),
  mediumAllowanceSeconds: wholeNumber(
    'The same for medium priority.',
    settingDefaults.allowanceSeconds.medium,
    0,
    604_800,
  ),
  lowAllowanceSeconds: wholeNumber('The same for low priority.', settingDefaults.allowanceSeconds.low, 0, 604_800),

  extraEvents: listOf(
    'Events to publish besides Completed, Failed, Blocked, Cancelled and Requeued, which the release of dependents needs.',
    publishedOnRequest,
  ),

  throttleRate: wholeNumber(
    'Requests per second that the HTTP API takes on average; beyond that it answers 429.',
    500,
    1,
    10_000,
  ),
  throttleBurst: wholeNumber('Requests that it takes at once.', 1_000, 1, 5_000),
  authorizerCacheSeconds: wholeNumber(
    'How long API Gateway may reuse the answer about a key: also how long a revoked key may still work. 0 asks every time.',
    60,
    0,
    3_600,
  ),

  logRetentionDays: oneOf('How long CloudWatch keeps logs.', RetentionDays.ONE_MONTH, finiteRetentions),
  alarmTopicArn: matching(
    'ARN of an SNS topic that alarms notify. Without one they are seen in CloudWatch only.',
    '',
    /^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/,
    'the ARN of an SNS topic',
  ),
};

type Rules = typeof rules;
type SettingName = keyof Rules;
export type Settings = { readonly [Name in SettingName]: Rules[Name]['default'] };

/**
 * Reads the settings: what the caller gives, else the app's context (`-c name=value`, cdk.json), else the default.
 * Throws an error that names every setting that is unknown or not allowed.
 */
export function readSettings(app: App, given: Readonly<Record<string, unknown>>): Settings {
  const context = app.node.getAllContext() as Record<string, unknown>;
  const values = { ...namedLikeSettings(context), ...given };
  const errors: string[] = [];
  for (const name of Object.keys(values)) {
    if (!(name in rules)) errors.push(`${name} is not a setting; the settings are ${Object.keys(rules).join(', ')}`);
  }
  const read = (name: SettingName): unknown => {
    const rule: Rule<unknown> = rules[name];
    const text = values[name];
    if (text === undefined) return rule.default;
    const value = typeof text === 'string' || typeof text === 'number' ? rule.parse(String(text)) : undefined;
    if (value === undefined) errors.push(`${name} is ${JSON.stringify(text)}, but must be ${rule.allowed}`);
    return value;
  };
  const settings = Object.fromEntries((Object.keys(rules) as SettingName[]).map((name) => [name, read(name)]));
  if (errors.length > 0) throw new Error(`Settings are not valid:\n${errors.map((error) => `- ${error}`).join('\n')}`);
  return settings as Settings;
}

/** What the settings are, for people. */
export function describeSettings(): { name: string; default: string; allowed: string; means: string }[] {
  const described: Record<string, Rule<unknown>> = rules;
  return Object.entries(described).map(([name, rule]) => ({
    name,
    default: String(rule.default),
    allowed: rule.allowed,
    means: rule.means,
  }));
}

/** Leaves out the context of CDK itself, whose names hold a `:` or a `-`, so that a mistyped setting can be told. */
function namedLikeSettings(context: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([name]) => /^\w+$/.test(name)));
}

function wholeNumber(means: string, byDefault: number, min: number, max: number): Rule<number> {
  return {
    means,
    default: byDefault,
    allowed: `a whole number from ${min} to ${max}`,
    parse: (text) => (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
  };
}

function oneOf<T extends number>(means: string, byDefault: T, choices: readonly T[]): Rule<T> {
  return {
    means,
    default: byDefault,
    allowed: `one of ${choices.join(', ')}`,
    parse: (text) => choices.find((choice) => String(choice) === text),
  };
}

function matching(means: string, byDefault: string, pattern: RegExp, allowed: string): Rule<string> {
  return { means, default: byDefault, allowed, parse: (text) => (pattern.test(text) ? text : undefined) };
}

function listOf(means: string, choices: readonly string[]): Rule<readonly string[]> {
  return {
    means,
    default: [],
    allowed: `a comma separated list of ${choices.join(', ')}`,
    parse: (text) => {
      const names = text.split(',').map((name) => name.trim());
      if (text === '') return [];
      return names.every((name) => choices.includes(name)) ? [...new Set(names)] : undefined;
    },
  };
}
