import { DatabaseSync } from 'node:sqlite';
import { privateFile } from '../data/private-file.ts';
import type { LocalEdge } from '../edge/call-edge.ts';
import type { Activity } from '../run/activity.ts';
import type { MovableClock } from '../run/clock.ts';
import type { Template } from '../template/template.ts';
import { sendToDestination } from './failure-destination.ts';
import type { Outcome } from './instance.ts';
import type { FunctionError } from './messages.ts';

/** Lambda waits one minute before the first retry and two before the second, by the functions' clock. */
const retryWaitMs = 60_000;
/** The maximum delay of a timer. The clock may be moved meanwhile, so it is checked again after each. */
const maxTimerMs = 2 ** 31 - 1;

interface Invocation {
  id: number;
  functionName: string;
  /** JSON text. */
  event: string;
  attempts: number;
  /** Epoch milliseconds by the functions' clock. */
  dueAt: number;
}

export interface AsyncInvocationOptions {
  /** SQLite file with the accepted invocations. */
  file: string;
  template: Template;
  edge: LocalEdge;
  clock: MovableClock;
  activity: Activity;
  invoke: (functionName: string, event: unknown) => Promise<Outcome>;
  /** Reports a lost event. */
  warn: (message: string) => void;
}

/**
 * Lambda's queue of asynchronous invocations, to which EventBridge delivers. An invocation is on disk before `accept`
 * returns, so it survives a kill -9, and is then delivered at least once. If it fails, it is retried as often as the
 * function's EventInvokeConfig says, and then goes to the failure destination, if there is one.
 */
export class AsyncInvocations {
  readonly #options: AsyncInvocationOptions;
  readonly #database: DatabaseSync;
  /** Accepted invocations by id, waiting for their timer. */
  readonly #waiting = new Map<number, { invocation: Invocation; timer: NodeJS.Timeout }>();
  #isStopped = false;

  constructor(options: AsyncInvocationOptions) {
    this.#options = options;
    this.#database = new DatabaseSync(privateFile(options.file));
    // Safe if the process dies. Only a power failure could lose the last few, as with the engine's data.
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS invocations (
        id INTEGER PRIMARY KEY, functionName TEXT NOT NULL, event TEXT NOT NULL, attempts INTEGER NOT NULL, dueAt INTEGER NOT NULL
      ) STRICT`);
  }

  /** Starts with what an earlier process accepted and did not deliver. */
  start(): void {
    const left = this.#database.prepare('SELECT * FROM invocations ORDER BY id').all() as unknown as Invocation[];
    for (const invocation of left) this.#schedule(invocation);
  }

  /** Stores an event for a function, and delivers it without making the caller wait. */
  accept(functionName: string, event: unknown): void {
    const [text, dueAt] = [JSON.stringify(event), this.#options.clock.now()];
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO invocations (functionName, event, attempts, dueAt) VALUES (?, ?, 0, ?)')
      .run(functionName, text, dueAt);
    void this.#deliver({ id: Number(lastInsertRowid), functionName, event: text, attempts: 0, dueAt });
  }

  /** Delivers what is due after the clock was moved. */
  wake(): void {
    const now = this.#options.clock.now();
    for (const [id, { invocation, timer }] of [...this.#waiting]) {
      if (invocation.dueAt > now) continue;
      clearTimeout(timer);
      this.#waiting.delete(id);
      void this.#deliver(invocation);
    }
  }

  /** Stops delivering; the next process delivers the rest. */
  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  /** Closes the file. Call it when no delivery is in progress anymore. */
  close(): void {
    this.#database.close();
  }

  #schedule(invocation: Invocation): void {
    if (this.#isStopped) return;
    const waitMs = Math.min(Math.max(0, invocation.dueAt - this.#options.clock.now()), maxTimerMs);
    const timer = setTimeout(() => {
      this.#waiting.delete(invocation.id);
      if (invocation.dueAt > this.#options.clock.now()) this.#schedule(invocation);
      else void this.#deliver(invocation);
    }, waitMs);
    this.#waiting.set(invocation.id, { invocation, timer });
  }

  async #deliver(invocation: Invocation): Promise<void> {
    const { activity, invoke, warn } = this.#options;
    const { id, functionName } = invocation;
    await activity
      .track(`an event for ${functionName} is being delivered`, async () => {
        const outcome = await invoke(functionName, JSON.parse(invocation.event));
        // What failed because Muster is stopping is retried by the next process.
        if ('error' in outcome && this.#isStopped) return;
        if ('error' in outcome) await this.#retry({ ...invocation, attempts: invocation.attempts + 1 }, outcome.error);
        else this.#remove(id);
      })
      .catch((error: unknown) => warn(`Delivering an event to ${functionName} failed: ${String(error)}`));
  }

  async #retry(invocation: Invocation, error: FunctionError): Promise<void> {
    const { clock } = this.#options;
    const { id, functionName, attempts } = invocation;
    const { retries, destination } = this.#settingsOf(functionName);
    if (attempts <= retries) {
      const dueAt = clock.now() + retryWaitMs * attempts;
      this.#database.prepare('UPDATE invocations SET attempts = ?, dueAt = ? WHERE id = ?').run(attempts, dueAt, id);
      this.#schedule({ ...invocation, dueAt });
      return;
    }
    if (destination !== undefined) await this.#deadLetter(invocation, destination, error);
    this.#remove(id);
  }

  async #deadLetter({ functionName, event, attempts }: Invocation, destination: string, error: FunctionError) {
    const { template, edge, clock, warn } = this.#options;
    const given = { functionName, destination, condition: 'RetriesExhausted' as const, attempts, now: clock.now() };
    const about = { requestPayload: JSON.parse(event) as unknown, responsePayload: error };
    await sendToDestination(template, edge, { ...given, about }).catch((problem: unknown) => {
      warn(`An event for ${functionName} is lost because its failure destination failed: ${String(problem)}`);
    });
  }

  #remove(id: number): void {
    this.#database.prepare('DELETE FROM invocations WHERE id = ?').run(id);
  }

  #settingsOf(functionName: string): { retries: number; destination: string | undefined } {
    const config = this.#options.template
      .all('AWS::Lambda::EventInvokeConfig')
      .find(({ properties }) => properties.FunctionName === functionName);
    return {
      retries: config?.properties.MaximumRetryAttempts ?? 2,
      destination: config?.properties.DestinationConfig?.OnFailure?.Destination,
    };
  }
}
