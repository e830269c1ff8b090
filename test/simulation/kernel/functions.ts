import { pathToFileURL } from 'node:url';
import type { Chance } from '../../support/random.ts';
import type { FunctionDefinition } from '../deployment.ts';
import { currentProcess, Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';

export type Outcome = { result: unknown } | { error: string };

type Handler = (event: unknown, context: object) => Promise<unknown>;

/** Imports of one file under different names are separate modules, each with its own state. */
let imports = 0;
let lastEnvironment: string[] = [];

interface Instance {
  process: Process;
  handler: Handler;
}

export interface FunctionsOptions {
  scheduler: Scheduler;
  chance: Chance;
  callAws: Process['callAws'];
  /** The clock error of a new instance. */
  skewMs: () => number;
  trace: (process: Process, what: string) => void;
}

/** The functions as Lambda runs them: an instance handles one event at a time, is reused, and may end at any call. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #definitions: ReadonlyMap<string, FunctionDefinition>;
  readonly #idle = new Map<string, Instance[]>();
  /** Invocations in progress. */
  running = 0;
  #started = 0;

  constructor(definitions: ReadonlyMap<string, FunctionDefinition>, options: FunctionsOptions) {
    this.#definitions = definitions;
    this.#options = options;
  }

  /** Invokes a function and waits for it. A timeout, or a kill, is an error. */
  async invoke(name: string, event: unknown): Promise<Outcome> {
    const definition = this.#definitions.get(name);
    if (!definition) throw new Error(`The template has no function ${name}.`);
    const instance = await this.#instance(name, definition);
    const { process, handler } = instance;
    const { trace } = this.#options;
    const deadline = process.now() + definition.timeoutMs;
    const context = {
      functionName: name,
      awsRequestId: `request-${this.#started}`,
      getRemainingTimeInMillis: () => deadline - process.now(),
    };
    trace(process, 'begins');
    this.running += 1;
    const outcome = await new Promise<Outcome>((resolve) => {
      const stopListening = process.whenKilled(() => resolve({ error: 'The process was killed.' }));
      const cancelTimeout = process.after(definition.timeoutMs, () => process.kill());
      const end = (ended: Outcome) => {
        cancelTimeout();
        stopListening();
        resolve(ended);
      };
      currentProcess.run(process, () => {
        Promise.resolve(handler(event, context)).then(
          (result) => end({ result }),
          (error: unknown) => end({ error: String(error) }),
        );
      });
    });
    this.running -= 1;
    trace(process, 'error' in outcome ? `ends: ${outcome.error}` : 'ends');
    if (process.isAlive) this.#idle.get(name)?.push(instance);
    return outcome;
  }

  /** An idle instance, or a new one. */
  async #instance(name: string, definition: FunctionDefinition): Promise<Instance> {
    const { chance, scheduler, callAws, skewMs } = this.#options;
    const idle = (this.#idle.get(name) ?? []).filter(({ process }) => process.isAlive);
    this.#idle.set(name, idle);
    const kept = idle.splice(Math.floor(chance.fraction() * idle.length), 1)[0];
    if (kept) return kept;
    this.#started += 1;
    const process = new Process({ name: `${name}-${this.#started}`, scheduler, chance, skewMs: skewMs(), callAws });
    return { process, handler: await scheduler.hold(coldStart(process, definition)) };
  }
}

/** Nothing else happens meanwhile, so the environment is that of the function while its module is loaded. */
async function coldStart(process: Process, { entry, environment }: FunctionDefinition): Promise<Handler> {
  for (const name of lastEnvironment) Reflect.deleteProperty(globalThis.process.env, name);
  lastEnvironment = Object.keys(environment);
  Object.assign(globalThis.process.env, environment);
  const url = `${pathToFileURL(entry).href}?instance=${(imports += 1)}`;
  const module = (await currentProcess.run(process, () => import(url))) as { handler: Handler };
  return module.handler;
}
