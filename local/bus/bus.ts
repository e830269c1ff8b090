import { randomUUID } from 'node:crypto';
import type { EventEntry, PutEventsResult } from '../edge/edge.ts';
import { account, region } from '../template/aws.ts';
import { checkPermission } from '../template/permissions.ts';
import type { Template } from '../template/template.ts';
import { compilePattern } from './pattern.ts';
import type { Matches } from './pattern.ts';

interface BusRule {
  matches: Matches;
  targets: { functionName: string; input: string | undefined }[];
}

export interface BusSettings {
  /** Epoch milliseconds by the functions' clock. */
  now: () => number;
  /** Accepts an event for a function; it is delivered with the function's retries. */
  deliver: (functionName: string, event: unknown) => void;
}

/** The event buses, and the rules with an event pattern. */
export class Buses {
  readonly #settings: BusSettings;
  readonly #rules: Map<string, BusRule[]>;

  constructor(template: Template, settings: BusSettings) {
    this.#settings = settings;
    const buses = ['default', ...template.all('AWS::Events::EventBus').map(({ ref }) => ref)];
    this.#rules = new Map(buses.map((bus): [string, BusRule[]] => [bus, rulesOf(template, bus)]));
  }

  /** Accepts well-formed events individually; they are delivered without making the caller wait. */
  put(entries: EventEntry[]): PutEventsResult[] {
    return entries.map((entry) => this.#accept(entry));
  }

  #accept({
    Source,
    DetailType,
    Detail = '',
    EventBusName = 'default',
    Time,
    Resources = [],
  }: EventEntry): PutEventsResult {
    const rules = this.#rules.get(EventBusName.split('event-bus/').at(-1) ?? '');
    if (!rules)
      return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${EventBusName} does not exist.` };
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType,
      source: Source,
      account,
      time: new Date(Time === undefined ? this.#settings.now() : Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources: Resources,
      detail: JSON.parse(Detail) as unknown,
    };
    for (const { targets } of rules.filter(({ matches }) => matches(event))) {
      for (const { functionName, input } of targets) {
        this.#settings.deliver(functionName, input === undefined ? event : JSON.parse(input));
      }
    }
    return { EventId: event.id };
  }
}

function rulesOf(template: Template, bus: string): BusRule[] {
  return template.all('AWS::Events::Rule').flatMap(({ logicalId, attributes, properties }) => {
    const { EventBusName = 'default', EventPattern, Targets } = properties;
    if (EventBusName !== bus || EventPattern === undefined) return [];
    const targets = Targets.map(({ Arn, Input }) => {
      const target = template.get('AWS::Lambda::Function', Arn, `A target of ${logicalId}`);
      checkPermission(template, Arn, 'events.amazonaws.com', attributes['Arn'] ?? '');
      return { functionName: target.ref, input: Input };
    });
    return [{ matches: compilePattern(EventPattern), targets }];
  });
}
