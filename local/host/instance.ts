import { pathToFileURL } from 'node:url';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FunctionError, InvokeMessage, WorkerMessage, WorkerSettings } from './messages.ts';
import type { FunctionDefinition, HostSettings } from './definition.ts';
import { edgePort } from './edge-port.ts';
import { runtimeEnvironment } from './runtime-env.ts';

const startLimitMs = 30_000;

/** Next to this module, which is JavaScript in @musterhq/dev. */
const workerFile = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);

export type Outcome = { result: string } | { error: FunctionError };

/** One worker thread with one copy of a function, which handles one event at a time. */
export class Instance {
  ended = false;
  /** Resolves with the error if the bundle could not be loaded. */
  readonly started: Promise<FunctionError | undefined>;
  readonly #worker: Worker;
  #answer = Promise.withResolvers<WorkerMessage>();

  constructor(fn: FunctionDefinition, host: HostSettings) {
    const [file = 'index', handler = 'handler'] = fn.handler.split('.');
    const port = edgePort(host.edge);
    const settings: WorkerSettings = {
      module: pathToFileURL(join(fn.folder, `${file}.mjs`)).href,
      handler,
      offset: host.clock.offset,
      functionName: fn.name,
      functionArn: fn.arn,
      memoryMb: fn.memoryMb,
      logGroup: fn.logGroup,
      edgeHost: new URL(host.edge.url).host,
      edgePort: port,
    };
    this.#worker = new Worker(workerFile, {
      // The name of the thread in a profiler and in /proc.
      name: fn.label,
      workerData: settings,
      transferList: [port],
      env: runtimeEnvironment(fn, host.edge),
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: fn.memoryMb },
    });
    const log = host.logs.of(fn.label);
    this.#worker.stdout.setEncoding('utf8').on('data', (text: string) => log.write(text));
    this.#worker.stderr.setEncoding('utf8').on('data', (text: string) => log.write(text));
    this.#worker.on('message', (message: WorkerMessage) => this.#answer.resolve(message));
    this.#worker.on('error', (error: Error) => this.#end('Runtime.UnhandledError', error.message));
    this.#worker.on('exit', (code) => this.#end('Runtime.ExitError', `Runtime exited with exit status ${code}`));
    this.started = this.#within(startLimitMs, 'The bundle did not load').then((first) =>
      'error' in first ? first.error : undefined,
    );
  }

  async invoke(message: InvokeMessage): Promise<Outcome> {
    this.#answer = Promise.withResolvers();
    this.#worker.postMessage(message);
    const answer = await this.#within(message.timeoutMs, 'Task timed out');
    return 'ready' in answer
      ? { error: { errorType: 'Runtime.Unknown', errorMessage: 'The runtime started twice' } }
      : answer;
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.#worker.terminate();
  }

  /** The worker's next message. If none arrives in time, the worker is stopped, as Lambda does. */
  async #within(limitMs: number, failure: string): Promise<WorkerMessage> {
    const expired = (): void =>
      this.#end('Sandbox.Timedout', `${failure} after ${(limitMs / 1000).toFixed(2)} seconds`);
    const timer = setTimeout(expired, limitMs);
    try {
      return await this.#answer.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #end(errorType: string, errorMessage: string): void {
    this.#answer.resolve({ error: { errorType, errorMessage } });
    void this.stop();
  }
}
