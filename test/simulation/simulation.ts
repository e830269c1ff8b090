import type { OperationName } from '#shared/contract/operations.ts';
import { env } from '#shared/env.ts';
import { publicEvents, type PublicEvents } from '#shared/schema.ts';
import { Chance } from '../support/random.ts';
import { agentIdentity, type Answer, type Identity } from './api.ts';
import { withEnvironment, type Deployment } from './deployment.ts';
import type { ItemChange } from './dynamodb/table.ts';
import { chooseFaults, noFaults, type Faults } from './faults.ts';
import { ResponseChecker } from './invariants/answers.ts';
import { checkEnd, agentsNotFound, tasksToSettle } from './invariants/end.ts';
import { History } from './invariants/history.ts';
import { membersOfGraph, unpacked, type GraphView, type TaskView } from './invariants/reader.ts';
import type { Violation } from './invariants/violation.ts';
import { checkWrite } from './invariants/writes.ts';
import type { AwsCall, Fate } from './kernel/aws.ts';
import type { Clients, Program } from './program/clients.ts';
import { Knowledge } from './program/knowledge.ts';
import { capabilities } from './program/moves.ts';
import { settle } from './program/settle.ts';
import { World } from './world.ts';

export interface Report {
  seed: number;
  violations: Violation[];
  /** AWS calls in total, and before the faults stopped. */
  calls: number;
  callsUnderFaults: number;
  tasks: number;
  fingerprint: string;
  /** Successful responses by operation. */
  successes: ReadonlyMap<OperationName, number>;
  trace: readonly string[];
}

const longQuietMs = 12 * 3_600_000;

export interface SimulationOptions {
  seed: number;
  program: Program;
  /** Default: random. */
  faults?: Faults;
  chosenFate?: (call: AwsCall) => Fate | undefined;
  /** Whether even small graphs are stored in parts. Default: random. */
  smallParts?: boolean;
  /** Default: random. */
  publicEvents?: PublicEvents;
}

/** So much of a graph is stored in one part: two tasks, about. */
const smallPartBytes = 250;

/** One run: a program under faults, then calm until everything is settled. What does not hold is reported. */
export class Simulation implements Clients {
  readonly agentNames = ['one', 'two', 'three'];
  readonly chance: Chance;
  readonly knowledge: Knowledge;
  readonly #world: World;
  readonly #history = new History();
  readonly #answers: ResponseChecker;
  readonly #violations: Violation[] = [];
  readonly #successes = new Map<OperationName, number>();
  readonly #options: SimulationOptions;
  readonly #faults: Faults;
  readonly #publicEvents: PublicEvents;
  readonly #tables: { tasks: string; agents: string };

  constructor(deployment: Deployment, options: SimulationOptions) {
    const { seed, chosenFate } = options;
    this.#options = options;
    this.#faults = options.faults ?? chooseFaults(new Chance(seed + 5e6));
    this.chance = new Chance(seed + 4e6);
    const tableOf = (name: string) => deployment.tables.find((table) => table.name.includes(name))?.name ?? '';
    this.#tables = { tasks: tableOf('Tasks'), agents: tableOf('Agents') };
    const onChange = (change: ItemChange) => this.#checkChange(change);
    const { smallParts = new Chance(seed + 6e6).happens(0.5) } = options;
    this.#publicEvents = options.publicEvents ?? new Chance(seed + 7e6).pick(['none', 'ended', 'all']);
    const settings = {
      [env.publicEvents]: this.#publicEvents,
      ...(smallParts && { [env.graphPartBytes]: String(smallPartBytes) }),
    };
    this.#world = new World(withEnvironment(deployment, settings), {
      seed,
      faults: this.#faults,
      onChange,
      ...(chosenFate && { chosenFate }),
    });
    this.#answers = new ResponseChecker(this.#history, this.#report);
    this.knowledge = new Knowledge(() => this.#world.now());
  }

  run(): Promise<Report> {
    return this.#world.scheduler.run(this.#live());
  }

  now(): number {
    return this.#world.now();
  }

  sleep(ms: number): Promise<void> {
    return this.#world.scheduler.sleep(ms);
  }

  expectQuiet(ms: number): void {
    if (ms > longQuietMs) this.#world.plan.fewSweepsUntil = this.now() + ms;
  }

  /** Makes one request; its response is checked when it is sent, and learned from when it arrives. */
  async request(operation: OperationName, input: Record<string, unknown>, identity: Identity): Promise<Answer> {
    const since = this.now();
    const check = (answer: Answer) => this.#answers.check({ operation, input, identity, answer, since });
    const answer = await this.#world.request(operation, input, identity, check);
    this.knowledge.learn(operation, input, identity, answer);
    const isSuccess = answer.status === 200 || answer.status === 201;
    if (isSuccess) this.#successes.set(operation, (this.#successes.get(operation) ?? 0) + 1);
    return answer;
  }

  register(name: string, process: { instance?: string | undefined; takeover?: boolean } = {}): Promise<Answer> {
    const maximum = 1 + Math.floor(this.chance.fraction() * 4);
    const input = { agent_id: name, capabilities, max_concurrent_tasks: maximum, ...process };
    return this.request('register_agent', input, agentIdentity(name));
  }

  isServing(name: string): boolean {
    return this.#history.agents.get(name)?.state === 'active';
  }

  isSettled(): boolean {
    const isIdle = [...this.#history.agents.values()].every(({ inbox }) => Object.keys(inbox).length === 0);
    const isTold = this.#world.streams.every(({ stream }) => stream.isEmpty);
    const isCarriedOut = [...this.#history.graphs.values()].every(({ decision }) => !decision);
    const isQuiet = isIdle && isTold && isCarriedOut && this.#world.functions.running === 0;
    return isQuiet && tasksToSettle(this.#history, this.#dependenciesOf).length === 0;
  }

  areAllAgentsFound(): boolean {
    return agentsNotFound(this.#items().agents, this.#history).length === 0;
  }

  async #live(): Promise<Report> {
    const world = this.#world;
    await this.#options.program(this);
    world.note('FAULTS STOP');
    world.plan.stop(noFaults);
    const callsUnderFaults = world.calls;
    await settle(this);
    const { bus, deadLetters } = world;
    const items = this.#items();
    const end = {
      items,
      published: bus.published,
      publicTypes: publicEvents[this.#publicEvents],
      deadLetters,
      dependenciesOf: this.#dependenciesOf,
    };
    checkEnd({ history: this.#history, ...end }, this.#report);
    return {
      seed: this.#options.seed,
      violations: this.#violations,
      calls: world.calls,
      callsUnderFaults,
      tasks: this.#history.tasks.size,
      fingerprint: world.fingerprint(),
      successes: this.#successes,
      trace: world.trace,
    };
  }

  #checkChange(change: ItemChange): void {
    const { skewMs } = this.#faults;
    const context = {
      history: this.#history,
      at: change.at,
      skewMs,
      dependenciesOf: this.#dependenciesOf,
      membersOf: this.#membersOf,
      isActiveLane: this.#isActiveLane,
    };
    checkWrite(change, context, this.#report);
    this.#history.record(change);
  }

  #items() {
    const all = (table: string) => this.#world.dynamodb.table(table).all(this.now());
    return { tasks: all(this.#tables.tasks), agents: all(this.#tables.agents) };
  }

  /** Registered, not dormant, and among those that are looked at. */
  readonly #isActiveLane = (place: string): boolean => {
    const name = `${place.startsWith('M') ? 'manual' : 'auto'}#${place.slice(2)}`;
    const item = (pk: string) =>
      this.#world.dynamodb.table(this.#tables.agents).get({ pk: { S: pk }, sk: { S: name } }, this.now());
    return item('L')?.['dormantSince'] === undefined && item('LA') !== undefined;
  };

  readonly #dependenciesOf = (task: TaskView): string[] => {
    if (task.need === 0) return [];
    if (task.dependencies) return task.dependencies;
    const key = { pk: { S: `T#${task.id}` }, sk: { S: `P#${task.bodyHash}` } };
    const item = this.#world.dynamodb.table(this.#tables.tasks).get(key, this.now());
    const payload = unpacked(item) as { dependencies: string[] } | undefined;
    return payload?.dependencies ?? [];
  };

  readonly #membersOf = (graph: GraphView): string[] | undefined =>
    membersOfGraph(graph, ({ pk, sk }) =>
      this.#world.dynamodb.table(this.#tables.tasks).get({ pk: { S: pk }, sk: { S: sk } }, this.now()),
    );

  readonly #report = (invariant: string, detail: string): void => {
    this.#world.note(`VIOLATED: ${invariant}: ${detail}`);
    this.#violations.push({ invariant, detail, at: this.#world.seconds() });
  };
}
