import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { FunctionDefinition, HostSettings } from './definition.ts';
import { Instance } from './instance.ts';
import type { Outcome } from './instance.ts';
import { Semaphore } from './semaphore.ts';

const payloadLimit = 6 * 1024 * 1024;
/** More instances than processors would only compile the same code once more each. */
const maxInstances = Math.min(4, Math.max(2, availableParallelism()));

/** The instances of one function, two to four, started when needed and reused. Events beyond that wait in order. */
export class FunctionPool {
  readonly definition: FunctionDefinition;
  readonly #host: HostSettings;
  readonly #permits = new Semaphore(maxInstances);
  #idle: Instance[] = [];
  #all = new Set<Instance>();
  #isStopped = false;

  constructor(definition: FunctionDefinition, host: HostSettings) {
    this.definition = definition;
    this.#host = host;
  }

  /** Handles one event. An error in the function is an outcome, not an exception. */
  async invoke(event: unknown): Promise<Outcome> {
    const text = JSON.stringify(event);
    if (Buffer.byteLength(text) > payloadLimit)
      return failure('RequestTooLargeException', 'The event is larger than 6 MB');
    const outcome = await this.#permits.run(() => this.#invoke(text)).catch(hostFailure);
    // An invocation cut off by a stop is not the function's fault.
    if ('error' in outcome && !this.#isStopped) {
      this.#host.logs
        .of(this.definition.name)
        .write(`${JSON.stringify({ level: 'ERROR', message: 'Invoke Error', ...outcome.error })}\n`);
    }
    return outcome;
  }

  /** Starts an instance before the first event arrives. */
  async warm(): Promise<void> {
    await this.#permits.run(async () => {
      const instance = this.#take();
      if (!(await instance.started)) this.#idle.push(instance);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#all].map((instance) => instance.stop()));
  }

  async #invoke(event: string): Promise<Outcome> {
    const instance = this.#take();
    const problem = await instance.started;
    if (problem) {
      await this.#discard(instance);
      return { error: problem };
    }
    const timeoutMs = this.definition.timeoutSeconds * 1000;
    const outcome = await instance.invoke({ requestId: randomUUID(), event, timeoutMs });
    if (instance.ended) await this.#discard(instance);
    else this.#idle.push(instance);
    if ('result' in outcome && Buffer.byteLength(outcome.result) > payloadLimit) {
      return failure('Function.ResponseSizeTooLarge', 'The response is larger than 6 MB');
    }
    return outcome;
  }

  /** The instance used last, so that a function with little to do keeps one warm; a new one if none is idle. */
  #take(): Instance {
    let instance = this.#idle.pop();
    while (instance?.ended) {
      this.#all.delete(instance);
      instance = this.#idle.pop();
    }
    instance ??= new Instance(this.definition, this.#host);
    this.#all.add(instance);
    return instance;
  }

  async #discard(instance: Instance): Promise<void> {
    this.#all.delete(instance);
    await instance.stop();
  }
}

/** The caller handles only one kind of failure. */
const hostFailure = (error: unknown): Outcome => failure('Runtime.HostError', String(error));

const failure = (errorType: string, errorMessage: string): Outcome => ({ error: { errorType, errorMessage } });
