import { createHash } from 'node:crypto';
import type { OperationName } from '#shared/contract/operations.ts';
import { Chance } from '../support/random.ts';
import { answerOf, httpEvent, type Answer, type Identity } from './api.ts';
import type { Deployment } from './deployment.ts';
import { actions, DynamoDb, type Action } from './dynamodb/dynamodb.ts';
import type { ItemChange } from './dynamodb/table.ts';
import { FaultPlan, type Faults } from './faults.ts';
import { awsCalls, type AwsCall, type Fate } from './kernel/aws.ts';
import { Functions } from './kernel/functions.ts';
import { Scheduler } from './kernel/scheduler.ts';
import { Bus } from './services/bus.ts';
import { Queues } from './services/queues.ts';
import { Stream } from './services/stream.ts';

const start = Date.UTC(2026, 0, 1);
/** How long a client waits for a response. */
const clientTimeoutMs = 30_000;

export interface WorldOptions {
  seed: number;
  faults: Faults;
  chosenFate?: (call: AwsCall) => Fate | undefined;
  onChange: (change: ItemChange) => void;
}

/** Muster as deployed, on simulated AWS, in virtual time. All randomness is derived from the seed. */
export class World {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly plan: FaultPlan;
  readonly dynamodb: DynamoDb;
  readonly queues: Queues;
  readonly bus: Bus;
  readonly streams: { table: string; stream: Stream }[];
  readonly functions: Functions;
  readonly trace: string[] = [];
  calls = 0;
  #requests = 0;
  readonly #deployment: Deployment;

  constructor(deployment: Deployment, { seed, faults, chosenFate, onChange }: WorldOptions) {
    this.#deployment = deployment;
    // Independent of each other, so that one more number drawn from one changes nothing in the others.
    const [events, product, faulty] = [new Chance(seed), new Chance(seed + 1e6), new Chance(seed + 2e6)];
    this.chance = new Chance(seed + 3e6);
    this.scheduler = new Scheduler(start, events);
    this.plan = new FaultPlan(faults, faulty, chosenFate);
    const { scheduler, plan } = this;
    this.dynamodb = new DynamoDb(deployment.tables, {
      now: () => scheduler.now,
      lagMs: () => plan.lagMs(),
      maxLagMs: faults.maxLagMs,
      done: (items) => plan.done(items),
      onChange: (change) => {
        this.#stream(change);
        onChange(change);
      },
    });
    const callAws = awsCalls({
      chance: faulty,
      fateOf: (call) => plan.fateOf(call),
      latencyMs: () => plan.latencyMs(),
      perform: (call, lagMs) => {
        plan.nextLagMs = lagMs;
        return this.#perform(call);
      },
      trace: (call, what) =>
        this.note(`${call.process.name} #${call.n} ${call.action} ${summaryOf(call.input)}: ${what}`),
    });
    const settings = { scheduler, chance: faulty };
    this.functions = new Functions(deployment.functions, {
      ...settings,
      chance: product,
      callAws,
      skewMs: () => plan.skewMs(),
      trace: (process, what) => this.note(`${process.name} ${what}`),
    });
    this.queues = new Queues(deployment.queues, { ...settings, faults: () => plan.current.queue });
    this.bus = new Bus(deployment, this.functions, this.queues, { ...settings, faults: () => plan.current.bus });
    this.streams = deployment.streamMappings.map((mapping) => {
      const stream = new Stream(mapping, { ...settings, faults: () => plan.current.stream });
      return { table: mapping.table, stream };
    });
    this.queues.connect(deployment.queueMappings, this.functions);
    for (const { stream } of this.streams) stream.connect(this.functions);
    for (const { everyMs, functionName } of deployment.schedules) this.#repeat(functionName, everyMs);
  }

  now(): number {
    return this.scheduler.now;
  }

  /** Since the start. */
  seconds(): number {
    return (this.scheduler.now - start) / 1000;
  }

  note(line: string): void {
    this.trace.push(`${this.seconds().toFixed(3)} ${line}`);
  }

  /** Equal for two runs that did the same. */
  fingerprint(): string {
    return createHash('sha256').update(this.trace.join('\n')).digest('hex').slice(0, 16);
  }

  /**
   * One request of a client, over a network that may lose it or its response.
   * @param onAnswer called with the response when it is sent, even if the client never gets it
   */
  async request(
    operation: OperationName,
    input: Record<string, unknown>,
    identity: Identity,
    onAnswer: (answer: Answer) => void,
  ): Promise<Answer> {
    const { chance, scheduler, plan } = this;
    const id = `request-${(this.#requests += 1)}`;
    this.note(`${id} ${identity.agentId ?? identity.keyId} ${operation} ${JSON.stringify(input).slice(0, 300)}`);
    await scheduler.sleep(1 + chance.fraction() * 10);
    if (chance.happens(plan.current.requestsLost)) return this.#unanswered(id, 'was lost');
    const answered = this.functions.invoke('api', httpEvent(operation, input, identity, id)).then((ended) => {
      if ('result' in ended) onAnswer(answerOf(ended.result));
      return ended;
    });
    const outcome = await Promise.race([answered, scheduler.sleep(clientTimeoutMs).then(() => ({ error: 'timeout' }))]);
    if ('error' in outcome) return this.#unanswered(id, outcome.error);
    if (chance.happens(plan.current.answersLost)) return this.#unanswered(id, 'has lost its answer');
    await scheduler.sleep(1 + chance.fraction() * 10);
    const answer = answerOf(outcome.result);
    this.note(`${id} is answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
    return answer;
  }

  async #unanswered(id: string, why: string): Promise<Answer> {
    this.note(`${id} ${why}`);
    await this.scheduler.sleep(1000);
    return { status: 0, body: {} };
  }

  /** A schedule that usually fires exactly once per interval. */
  #repeat(functionName: string, everyMs: number): void {
    this.scheduler.after(everyMs, () => {
      const times = this.plan.sweeps(this.now());
      for (let n = 0; n < times; n += 1) void this.functions.invoke(functionName, {});
      this.#repeat(functionName, everyMs);
    });
  }

  #stream(change: ItemChange): void {
    const item = change.after ?? change.before;
    if (!item) return;
    const keys = this.dynamodb.table(change.table).keyOf(item);
    for (const { table, stream } of this.streams) if (table === change.table) stream.add(change, keys);
  }

  #perform({ action, input }: AwsCall): object {
    this.calls += 1;
    if (actions.includes(action as Action)) return this.dynamodb.perform(action as Action, input);
    if (action === 'SendMessage') return this.queues.send(input as Parameters<Queues['send']>[0]);
    if (action === 'SendMessageBatch') return this.queues.sendBatch(input as Parameters<Queues['sendBatch']>[0]);
    if (action === 'PutEvents') return this.bus.put(input as Parameters<Bus['put']>[0]);
    throw new Error(`The simulation does not know the action ${action}.`);
  }

  /** What functions dead-lettered; not the wake-ups that SQS gave up, which the sweep makes again. */
  get deadLetters(): string[] {
    const { queues } = this.#deployment;
    const redriven = new Set(
      queues.flatMap(({ url, deadLetterUrl }) => (deadLetterUrl === undefined ? [] : [url, deadLetterUrl])),
    );
    return queues.flatMap(({ url }) => (redriven.has(url) ? [] : this.queues.messagesOf(url).map(({ body }) => body)));
  }
}

/** What a trace line shows of a call: the key, the expressions and the values. */
function summaryOf(input: object): string {
  const { Key, Item, UpdateExpression, ConditionExpression, ExpressionAttributeValues, ...rest } = input as Record<
    string,
    unknown
  >;
  const told = Key ? { Key, UpdateExpression, ConditionExpression, ExpressionAttributeValues } : Item ? { Item } : rest;
  return JSON.stringify(told).slice(0, 600);
}
