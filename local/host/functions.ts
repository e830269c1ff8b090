import { setTimeout as delay } from 'node:timers/promises';
import type { Activity } from '../run/activity.ts';
import type { Resource, Template } from '../template/template.ts';
import { sendToDestination } from './failure-destination.ts';
import type { Outcome } from './instance.ts';
import type { FunctionError } from './messages.ts';
import { FunctionPool } from './pool.ts';
import type { FunctionDefinition, HostSettings } from './definition.ts';

/** Lambda waits one minute, then two; nobody at a laptop wants to. */
const firstRetryMs = 1_000;
const lastWordsMs = 5_000;

/** All functions of the template, and the two ways to invoke them. */
export class Functions {
  readonly #template: Template;
  readonly #activity: Activity;
  readonly #host: HostSettings;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #stopping = new AbortController();

  /** @param bundleOf folder of the bundle with that S3 key */
  constructor(template: Template, host: HostSettings, activity: Activity, bundleOf: (s3Key: string) => string) {
    this.#template = template;
    this.#activity = activity;
    this.#host = host;
    for (const resource of template.all('AWS::Lambda::Function')) {
      const pool = new FunctionPool(definitionOf(resource, bundleOf(resource.properties.Code.S3Key)), host);
      this.#pools.set(resource.ref, pool);
    }
  }

  /** Invokes and waits for the outcome, as API Gateway and event source mappings do. */
  async invoke(functionName: string, event: unknown): Promise<Outcome> {
    return this.#activity.track(`${functionName} is running`, () => this.#pool(functionName).invoke(event));
  }

  /**
   * Invokes as EventBridge does: a failed event is repeated as often as the function's EventInvokeConfig says, then it
   * goes to the destination for failures, if there is one.
   * @returns the last outcome
   */
  async invokeAsync(functionName: string, event: unknown): Promise<Outcome> {
    return this.#activity.track(`an event for ${functionName} is being delivered`, async () => {
      const { retries, destination } = this.#asyncSettings(functionName);
      for (let attempt = 0; ; attempt += 1) {
        const outcome = await this.invoke(functionName, event);
        if ('result' in outcome || this.#stopping.signal.aborted) return outcome;
        if (attempt >= retries) {
          if (destination === undefined) return outcome;
          await this.#giveUp(functionName, destination, event, outcome.error, attempt + 1);
          return outcome;
        }
        await delay(firstRetryMs * 2 ** attempt, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    });
  }

  /** Has an instance of each of these ready. */
  async warm(functionNames: Iterable<string>): Promise<void> {
    await Promise.all([...new Set(functionNames)].map((name) => this.#pool(name).warm()));
  }

  /** Ends everything, after what runs had a little time to finish; nothing is tried again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#activity.ended(lastWordsMs);
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
  }

  #pool(functionName: string): FunctionPool {
    const pool = this.#pools.get(functionName);
    if (!pool) throw new Error(`The template has no function ${functionName}`);
    return pool;
  }

  async #giveUp(functionName: string, destination: string, event: unknown, error: FunctionError, attempts: number) {
    const { clock, edgeUrl, logs } = this.#host;
    const given = { functionName, destination, condition: 'RetriesExhausted' as const, attempts, now: clock.now() };
    const about = { requestPayload: event, responsePayload: error };
    await sendToDestination(this.#template, edgeUrl, { ...given, about }).catch((problem: unknown) => {
      const message = `An event for ${functionName} is lost: its failure destination failed: ${String(problem)}`;
      logs.of('host').write(`${JSON.stringify({ level: 'ERROR', message })}\n`);
    });
  }

  #asyncSettings(functionName: string): { retries: number; destination: string | undefined } {
    const config = this.#template
      .all('AWS::Lambda::EventInvokeConfig')
      .find(({ properties }) => properties.FunctionName === functionName);
    return {
      retries: config?.properties.MaximumRetryAttempts ?? 2,
      destination: config?.properties.DestinationConfig?.OnFailure?.Destination,
    };
  }
}

function definitionOf(
  { logicalId, ref, attributes, properties }: Resource<'AWS::Lambda::Function'>,
  folder: string,
): FunctionDefinition {
  return {
    id: logicalId,
    name: ref,
    arn: attributes['Arn'] ?? '',
    folder,
    handler: properties.Handler,
    environment: properties.Environment?.Variables ?? {},
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${ref}`,
    logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
  };
}
