import { env } from '#shared/env.ts';
import type { Activity } from '../run/activity.ts';
import type { Resource, Template } from '../template/template.ts';
import type { Outcome } from './instance.ts';
import { FunctionPool } from './pool.ts';
import type { FunctionDefinition, HostSettings } from './definition.ts';

const stopGraceMs = 5_000;

/** All functions of the template. */
export class Functions {
  readonly #activity: Activity;
  readonly #pools = new Map<string, FunctionPool>();

  /** @param bundleOf folder of the bundle with that S3 key */
  constructor(template: Template, host: HostSettings, activity: Activity, bundleOf: (s3Key: string) => string) {
    this.#activity = activity;
    for (const resource of template.all('AWS::Lambda::Function')) {
      const pool = new FunctionPool(definitionOf(resource, bundleOf(resource.properties.Code.S3Key)), host);
      this.#pools.set(resource.ref, pool);
    }
  }

  /**
   * Invokes a function and waits for the outcome, as API Gateway and event source mappings do. For asynchronous
   * invocations, see AsyncInvocations.
   */
  async invoke(functionName: string, event: unknown): Promise<Outcome> {
    return this.#activity.track(`${functionName} is running`, () => this.#pool(functionName).invoke(event));
  }

  /** Starts an instance of each of these functions. */
  async warm(functionNames: Iterable<string>): Promise<void> {
    await Promise.all([...new Set(functionNames)].map((name) => this.#pool(name).warm()));
  }

  /** Stops all functions, after a short time to finish what is running. Nothing is retried. */
  async stop(): Promise<void> {
    await this.#activity.ended(stopGraceMs);
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop()));
  }

  #pool(functionName: string): FunctionPool {
    const pool = this.#pools.get(functionName);
    if (!pool) throw new Error(`The template has no function ${functionName}`);
    return pool;
  }
}

function definitionOf(
  { logicalId, ref, attributes, properties }: Resource<'AWS::Lambda::Function'>,
  folder: string,
): FunctionDefinition {
  const environment = properties.Environment?.Variables ?? {};
  return {
    id: logicalId,
    name: ref,
    label: environment[env.service] ?? ref,
    arn: attributes['Arn'] ?? '',
    folder,
    handler: properties.Handler,
    environment,
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${ref}`,
    logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
  };
}
