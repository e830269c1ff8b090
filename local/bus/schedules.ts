import { randomUUID } from 'node:crypto';
import type { Outcome } from '../host/instance.ts';
import { account, region } from '../template/aws.ts';
import { checkPermission } from '../template/permissions.ts';
import type { Resource, Template } from '../template/template.ts';

interface Schedule {
  names: string[];
  everyMs: number;
  targets: { functionName: string; event: () => unknown }[];
}

export interface ScheduleSettings {
  now: () => number;
  /** Accepts an event for a function; it is delivered with the function's retries. */
  deliver: (functionName: string, event: unknown) => void;
  /** Invokes a function once and waits for the outcome. */
  invoke: (functionName: string, event: unknown) => Promise<Outcome>;
}

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The rules with a schedule. They follow real time: moving the clock does not run them, `fire` does. */
export class Schedules {
  readonly #schedules: Schedule[];
  readonly #settings: ScheduleSettings;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(template: Template, settings: ScheduleSettings) {
    this.#settings = settings;
    this.#schedules = template
      .all('AWS::Events::Rule')
      .filter(({ properties }) => properties.ScheduleExpression !== undefined)
      .map((rule) => scheduleOf(rule, template, settings));
  }

  /** @param atOnce also run each now, for what became due while nothing was running */
  start(atOnce: boolean): void {
    for (const { everyMs, targets } of this.#schedules) {
      const run = () => {
        for (const { functionName, event } of targets) this.#settings.deliver(functionName, event());
      };
      if (atOnce) run();
      this.#timers.push(setInterval(run, everyMs));
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /**
   * Runs a schedule once, now, and waits for it.
   * @param name part of the name of the rule or of its target, case-insensitive
   * @throws unless exactly one schedule matches; if its function failed
   */
  async fire(name: string): Promise<void> {
    const found = this.#schedules.filter(({ names }) =>
      names.some((candidate) => candidate.toLowerCase().includes(name.toLowerCase())),
    );
    const [schedule, ...others] = found;
    if (!schedule || others.length > 0) {
      const known = this.#schedules.map(({ names }) => names.join(' -> ')).join('; ');
      throw new Error(`${found.length} schedules match "${name}". The template has: ${known}`);
    }
    const { targets } = schedule;
    const outcomes = targets.map(({ functionName, event }) => this.#settings.invoke(functionName, event()));
    for (const outcome of await Promise.all(outcomes)) {
      if ('error' in outcome)
        throw new Error(`${name} failed: ${outcome.error.errorType}: ${outcome.error.errorMessage}`);
    }
  }
}

function scheduleOf(rule: Resource<'AWS::Events::Rule'>, template: Template, settings: ScheduleSettings): Schedule {
  const { logicalId, attributes, properties } = rule;
  const ruleArn = attributes['Arn'] ?? '';
  const targets = properties.Targets.map(({ Arn, Input }) => {
    checkPermission(template, Arn, 'events.amazonaws.com', ruleArn);
    return { name: template.get('AWS::Lambda::Function', Arn, `A target of ${logicalId}`).ref, input: Input };
  });
  const event = (): unknown => ({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: new Date(settings.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [ruleArn],
    detail: {},
  });
  return {
    names: [logicalId, ...targets.map(({ name }) => name)],
    everyMs: periodOf(properties.ScheduleExpression ?? '', logicalId),
    targets: targets.map(({ name, input }) => ({
      functionName: name,
      event: input === undefined ? event : (): unknown => JSON.parse(input),
    })),
  };
}

function periodOf(expression: string, logicalId: string): number {
  const [, count, name = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unit = unitMs[name];
  if (count !== undefined && unit !== undefined) return Number(count) * unit;
  throw new Error(
    `${logicalId} has the schedule ${expression}; local/ supports only rate(...). ` +
      'Write it as a rate, or add cron(...) to local/bus/schedules.ts.',
  );
}
