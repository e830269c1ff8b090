import { DatabaseSync } from 'node:sqlite';
import { privateFile } from '../data/private-file.ts';
import type { EdgeHere } from '../edge/call-edge.ts';
import type { Activity } from '../run/activity.ts';
import type { MovableClock } from '../run/clock.ts';
import type { Template } from '../template/template.ts';
import { sendToDestination } from './failure-destination.ts';
import type { Outcome } from './instance.ts';
import type { FunctionError } from './messages.ts';

/** Lambda waits one minute before the first retry and two before the second, by the functions' clock. */
const retryWaitMs = 60_000;
/** The longest time before the clock is looked at again: it is moved from outside. */
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
  /** SQLite file that keeps what was accepted. */
  file: string;
  template: Template;
  edge: EdgeHere;
  clock: MovableClock;
  activity: Activity;
  invoke: (functionName: string, event: unknown) => Promise<Outcome>;
  /** Reports an event that nobody will get. */
  warn: (message: string) => void;
}

/**
 * Lambda's queue of asynchronous invocations, which EventBridge delivers to. What is accepted is on disk before `accept`
 * returns, so it survives a kill -9; an event is then delivered at least once. A failed one is repeated as often as the
 * function's EventInvokeConfig says, then it goes to the destination for failures, if there is one.
 */
export class AsyncInvocations {
  readonly #options: AsyncInvocationOptions;
  readonly #database: DatabaseSync;
  /** Accepted invocations by id; those with a timer wait for their time. */
  readonly #waiting = new Map<number, { invocation: Invocation; timer: NodeJS.Timeout }>();
  #isStopped = false;

  constructor(options: AsyncInvocationOptions) {
    this.#options = options;
    this.#database = new DatabaseSync(privateFile(options.file));
    // Safe when the process dies; only a power failure could lose the last few, as it could lose the engine's.
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS invocations (
        id INTEGER PRIMARY KEY, functionName TEXT NOT NULL, event TEXT NOT NULL, attempts INTEGER NOT NULL, dueAt INTEGER NOT NULL
      ) STRICT`);
  }

  /** Begins with what an earlier process has accepted and not delivered. */
  start(): void {
    const left = this.#database.prepare('SELECT * FROM invocations ORDER BY id').all() as unknown as Invocation[];
    for (const invocation of left) this.#schedule(invocation);
  }

  /** Accepts an event for a function: it is kept before this returns, and delivered without the caller waiting for it. */
  accept(functionName: string, event: unknown): void {
    const [text, dueAt] = [JSON.stringify(event), this.#options.clock.now()];
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO invocations (functionName, event, attempts, dueAt) VALUES (?, ?, 0, ?)')
      .run(functionName, text, dueAt);
    void this.#deliver({ id: Number(lastInsertRowid), functionName, event: text, attempts: 0, dueAt });
  }

  /** Delivers what the moved clock has made due. */
  wake(): void {
    const now = this.#options.clock.now();
    for (const [id, { invocation, timer }] of [...this.#waiting]) {
      if (invocation.dueAt > now) continue;
      clearTimeout(timer);
      this.#waiting.delete(id);
      void this.#deliver(invocation);
    }
  }

  /** Delivers nothing any more; what waits is delivered by the next process. */
  stop(): void {
    this.#isStopped = true;
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  /** Closes the file; call it when no delivery is under way any more. */
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
        // What ended because Muster stops is tried again by the next process.
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
