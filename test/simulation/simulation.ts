import { operations, type OperationName } from '#shared/contract/operations.ts';
import { Chance } from '../support/random.ts';
import { agentIdentity, type Answer, type Identity } from './api.ts';
import type { Deployment } from './deployment.ts';
import { chooseFaults, noFaults, type Faults } from './faults.ts';
import { oddDurationsAreKnown } from './known-faults.ts';
import { AnswerJudge } from './invariants/answers.ts';
import { judgeEnd, unfound, unsettled } from './invariants/end.ts';
import { History } from './invariants/history.ts';
import { unpacked, type TaskView } from './invariants/reader.ts';
import { judgeWrite } from './invariants/writes.ts';
import type { AwsCall, Fate } from './kernel/aws.ts';
import { Knowledge } from './program/knowledge.ts';
import { capabilities, drawMove, draws, interfering, producing, working, type Weights } from './program/moves.ts';
import { World } from './world.ts';

export interface Violation {
  invariant: string;
  detail: string;
  /** Seconds since the beginning. */
  at: number;
}

export interface Report {
  seed: number;
  violations: Violation[];
  calls: number;
  tasks: number;
  fingerprint: string;
  /** How often each operation was answered with success. */
  successes: Map<OperationName, number>;
  trace: readonly string[];
}

export interface SimulationOptions {
  seed: number;
  /** Default: by chance. */
  faults?: Faults;
  chosenFate?: (call: AwsCall) => Fate | undefined;
}

const agentNames = ['one', 'two', 'three'];
/** How long after the last fault everything must be settled: the longest that anything waits for a check, and more. */
const settledWithinMs = 3 * 3_600_000;
const visitedWithinTicks = 40;

/** One run: clients at random under faults, then calm until everything is settled. What does not hold is reported. */
export class Simulation {
  readonly #world: World;
  readonly #history = new History();
  readonly #answers: AnswerJudge;
  readonly #knowledge: Knowledge;
  readonly #chance: Chance;
  readonly #violations: Violation[] = [];
  readonly #successes = new Map<OperationName, number>();
  readonly #seed: number;
  readonly #tables: { tasks: string; agents: string };
  readonly #hasOddDurations: boolean;
  /** How long clients wait between two calls, roughly: the shorter, the more they race. */
  readonly #paceMs: number;
  /** Until when all clients are silent. */
  #quietUntil = 0;

  constructor(deployment: Deployment, { seed, faults, chosenFate }: SimulationOptions) {
    this.#seed = seed;
    this.#chance = new Chance(seed + 4e6);
    this.#hasOddDurations = this.#chance.happens(0.1) && !oddDurationsAreKnown;
    this.#paceMs = this.#chance.pick([50, 300, 1000, 5000]);
    const [tasks, agents] = ['Tasks', 'Agents'].map(
      (name) => deployment.tables.find((table) => table.name.includes(name))?.name ?? '',
    );
    this.#tables = { tasks: tasks ?? '', agents: agents ?? '' };
    const chosen = faults ?? chooseFaults(new Chance(seed + 5e6));
    this.#world = new World(deployment, {
      seed,
      faults: chosen,
      ...(chosenFate && { chosenFate }),
      onChange: (change) => {
        const judged = {
          history: this.#history,
          at: change.at,
          skewMs: chosen.skewMs,
          dependenciesOf: this.#dependenciesOf,
        };
        judgeWrite(change, judged, this.#report);
        this.#history.note(change);
      },
    });
    this.#answers = new AnswerJudge(this.#history, this.#report);
    this.#knowledge = new Knowledge(() => this.#world.now());
  }

  async run(): Promise<Report> {
    const world = this.#world;
    await world.scheduler.run(this.#live());
    return {
      seed: this.#seed,
      violations: this.#violations,
      calls: world.calls,
      tasks: this.#history.tasks.size,
      fingerprint: world.fingerprint(),
      successes: this.#successes,
      trace: world.trace,
    };
  }

  async #live(): Promise<void> {
    for (const { name } of operations)
      if (!(name in draws)) throw new Error(`Add the operation ${name} to program/moves.ts.`);
    const chance = this.#chance;
    const loops = agentNames.flatMap((name) => {
      const namesHolding = chance.happens(0.5);
      const parallel = chance.happens(0.4) ? 2 : 1;
      return Array.from({ length: parallel }, () => this.#move(working, 30, { agent: name, namesHolding }));
    });
    for (const name of agentNames) await this.#register(name);
    await Promise.all([
      ...loops,
      this.#move(producing, 8, {}),
      this.#move(producing, 8, {}),
      this.#move(interfering, 20, {}),
      this.#interrupt(),
    ]);
    this.#world.note('FAULTS STOP');
    this.#world.plan.current = { ...noFaults };
    await this.#settle();
    this.#judgeEnd();
  }

  /** One client that makes random moves, with random pauses. */
  async #move(weights: Weights, count: number, who: { agent?: string; namesHolding?: boolean }): Promise<void> {
    const chance = this.#chance;
    for (let n = 0; n < count; n += 1) {
      await this.#world.scheduler.sleep(chance.fraction() * (chance.happens(0.3) ? 60 : 1) * this.#paceMs);
      if (this.#quietUntil > this.#world.now()) await this.#world.scheduler.sleep(this.#quietUntil - this.#world.now());
      const agent = who.agent ?? chance.pick(agentNames);
      if (who.agent !== undefined && chance.happens(0.03)) this.#knowledge.forget(agent);
      const mover = { chance, knowledge: this.#knowledge, agent, hasOddDurations: this.#hasOddDurations };
      const move = drawMove({ ...mover, namesHolding: who.namesHolding ?? false }, weights);
      const answer = move && (await this.#request(move.operation, move.input, move.identity));
      const isGone = who.agent !== undefined && answer?.body['code'] === 'agent_not_found';
      if (isGone && chance.happens(0.7)) await this.#register(agent);
    }
  }

  /** Now and then nobody calls for so long that leases, notes and memberships run out. */
  async #interrupt(): Promise<void> {
    for (let n = 0; n < 3; n += 1) {
      await this.#world.scheduler.sleep(this.#chance.fraction() * 150 * this.#paceMs);
      if (this.#chance.happens(0.4))
        this.#quietUntil = this.#world.now() + this.#chance.pick([200_000, 1_200_000, 4_500_000]);
    }
  }

  #register(name: string): Promise<Answer> {
    const input = { agent_id: name, capabilities, max_concurrent_tasks: 1 + Math.floor(this.#chance.fraction() * 4) };
    return this.#request('register_agent', input, agentIdentity(name));
  }

  async #request(operation: OperationName, input: Record<string, unknown>, identity: Identity): Promise<Answer> {
    const since = this.#world.now();
    const judge = (answer: Answer) => this.#answers.judge({ operation, input, identity, answer, since });
    const answer = await this.#world.request(operation, input, identity, judge);
    this.#knowledge.learn(operation, input, identity, answer);
    const isSuccess = answer.status === 200 || answer.status === 201;
    if (isSuccess) this.#successes.set(operation, (this.#successes.get(operation) ?? 0) + 1);
    return answer;
  }

  /** Agents that can do everything serve until nothing is left to do. */
  async #settle(): Promise<void> {
    const world = this.#world;
    const end = world.now() + settledWithinMs;
    for (const name of agentNames) await this.#register(name);
    for (let tick = 0; world.now() < end && !this.#isSettled(); tick += 1) {
      for (const name of agentNames) await this.#serve(name);
      await world.scheduler.sleep(tick < 20 ? 30_000 : 120_000);
    }
    // The sweep looks for what routing does not find by visiting all agents in turn.
    for (
      let tick = 0;
      tick < visitedWithinTicks && unfound(this.#items().agents, this.#history).length > 0;
      tick += 1
    ) {
      for (const name of agentNames) await this.#serve(name);
      await world.scheduler.sleep(120_000);
    }
    await world.scheduler.sleep(60_000);
  }

  async #serve(name: string): Promise<void> {
    await this.#request('resume_agent', { agent_id: name }, agentIdentity(name));
    const known = this.#history.agents.get(name);
    if (!known || known.state !== 'active') await this.#register(name);
    for (;;) {
      const claim = { agent_id: name, limit: 10, holding: [] };
      const { body } = await this.#request('claim_tasks', claim, agentIdentity(name));
      const given = (body['tasks'] ?? []) as { task_id: string; attempt: number }[];
      if (given.length === 0) return;
      for (const { task_id, attempt } of given) {
        await this.#request('complete_task', { task_id, attempt, result: 'settled' }, agentIdentity(name));
      }
    }
  }

  #isSettled(): boolean {
    const isIdle = [...this.#history.agents.values()].every(({ inbox }) => Object.keys(inbox).length === 0);
    const isTold = [...this.#world.streams.values()].every(({ isEmpty }) => isEmpty);
    return isIdle && isTold && unsettled(this.#history, this.#dependenciesOf).length === 0;
  }

  #judgeEnd(): void {
    const { bus, deadLetters } = this.#world;
    const items = this.#items();
    const end = {
      history: this.#history,
      items,
      published: bus.published,
      deadLetters,
      dependenciesOf: this.#dependenciesOf,
    };
    judgeEnd(end, this.#report);
  }

  #items() {
    const all = (table: string) => this.#world.dynamodb.table(table).all(this.#world.now());
    return { tasks: all(this.#tables.tasks), agents: all(this.#tables.agents) };
  }

  readonly #dependenciesOf = (task: TaskView): string[] => {
    if (task.need === 0) return [];
    if (task.dependencies) return task.dependencies;
    const key = { pk: { S: `T#${task.id}` }, sk: { S: `P#${task.bodyHash}` } };
    const item = this.#world.dynamodb.table(this.#tables.tasks).get(key, this.#world.now());
    return (unpacked(item) as { dependencies?: string[] } | undefined)?.dependencies ?? [];
  };

  readonly #report = (invariant: string, detail: string): void => {
    const at = this.#world.seconds();
    this.#world.note(`VIOLATED: ${invariant}: ${detail}`);
    this.#violations.push({ invariant, detail, at });
  };
}
