import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { milliseconds } from '#local/run/clock.ts';
import { isUnavailable } from '#shared/adapters/aws-errors.ts';
import { DynamoDbAgents } from '#shared/adapters/agents.ts';
import { SystemRandom } from '#shared/adapters/random.ts';
import { DynamoDbDataFormat } from '#shared/adapters/data-format.ts';
import { DynamoDbGraphs } from '#shared/adapters/graphs.ts';
import { taskKey } from '#shared/adapters/item-keys.ts';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { LaneRegistrations } from '#shared/adapters/lane-registrations.ts';
import { DynamoDbLanes } from '#shared/adapters/lanes.ts';
import { DynamoDbListings } from '#shared/adapters/listings.ts';
import { DynamoDbRecounts } from '#shared/adapters/recounts.ts';
import { DynamoDbSnapshots } from '#shared/adapters/snapshots.ts';
import { DynamoDbCounting } from '#shared/adapters/counting.ts';
import { PoisonLimit } from '#shared/adapters/poison-limit.ts';
import { DynamoDbStatistics } from '#shared/adapters/statistics.ts';
import type { Item } from '#shared/adapters/task-item.ts';
import { Table } from '#shared/adapters/table.ts';
import { DynamoDbTasks } from '#shared/adapters/tasks.ts';
import { scopesOf } from '#shared/contract/operation.ts';
import { Refusal } from '#shared/contract/problem.ts';
import { TaskInput } from '#shared/contract/tasks.ts';
import type { AgentRecord } from '#shared/domain/agent.ts';
import { defaultSettings, type Settings } from '#shared/domain/settings.ts';
import { isHeld, type HeldTask, type TaskRecord } from '#shared/domain/task.ts';
import type { IndexEntry } from '#shared/domain/transition.ts';
import { create } from '#shared/operations/tasks/create-task.ts';
import type { Implementation } from '#shared/operations/implement.ts';
import { perform } from '#shared/operations/perform.ts';
import { releaseDependents } from '#shared/reactions/release-dependents.ts';
import { takeOffers } from '#shared/steps/take-offers.ts';
import type { ReleaseEvent } from '#shared/domain/task-change.ts';
import { complete } from '#shared/domain/holding.ts';
import type { Clock, Counting, WakeUp, Ports, TaskEvent } from '#shared/ports.ts';
import { releaseEvent } from '#shared/schema.ts';
import { toOffer } from './tasks.ts';
import type { EngineContext } from './dynamodb.ts';
import type { MusterTables } from './muster-tables.ts';

/** A clock that only the test moves. */
export class TestClock implements Clock {
  #now: number;

  constructor(now = Date.UTC(2026, 10, 10, 9)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** @param duration such as `30s`, `6m` or milliseconds */
  advance(duration: string | number): void {
    this.#now += milliseconds(duration);
  }
}

/** What the processes of one test share besides the tables. */
interface World {
  clock: TestClock;
  /** Wake-ups sent so far, in order. */
  sentWakeUps: { wakeUp: WakeUp; delayMs?: number }[];
  published: TaskEvent[];
  /** Tasks whose dependents are to be updated with their status. */
  releases: ReleaseEvent['detail'][];
}

type TablesInUse = Pick<EngineContext<MusterTables>, 'client' | 'tables'> & {
  /** Set if the client is not from the SDK. */
  clientWithoutRetries?: DynamoDBClient;
};

/** The ports of one process, on the tables of a test. */
export class TestPorts implements Ports {
  readonly clock: TestClock;
  readonly sentWakeUps: World['sentWakeUps'];
  readonly published: World['published'];
  readonly releases: World['releases'];
  readonly settings: Settings;
  readonly random: Ports['random'];
  readonly tasks: Ports['tasks'];
  readonly graphs: Ports['graphs'];
  readonly listings: Ports['listings'];
  readonly lanes: Ports['lanes'];
  readonly agents: Ports['agents'];
  readonly statistics: Ports['statistics'];
  readonly counting: Counting;
  readonly poison: PoisonLimit;
  readonly recounts: Ports['recounts'];
  readonly snapshots: Ports['snapshots'];
  readonly accessKeys: Ports['accessKeys'];
  readonly dataFormat: Ports['dataFormat'];
  readonly #context: TablesInUse;
  readonly #world: World;

  constructor(
    context: TablesInUse,
    settings: Partial<Settings> = {},
    world: World = { clock: new TestClock(), sentWakeUps: [], published: [], releases: [] },
  ) {
    const { client, tables, clientWithoutRetries } = context;
    const tasks = new Table(client, tables.tasks);
    const agents = new Table(client, tables.agents, undefined, clientWithoutRetries);
    const { clock } = world;
    this.settings = { ...defaultSettings, ...settings };
    this.#context = context;
    this.#world = world;
    this.clock = clock;
    this.sentWakeUps = world.sentWakeUps;
    this.published = world.published;
    this.releases = world.releases;
    this.random = new SystemRandom(clock);
    const registrations = new LaneRegistrations(agents, clock, this.settings);
    this.tasks = new DynamoDbTasks(tasks, clock, this.settings, registrations);
    this.graphs = new DynamoDbGraphs(tasks, clock, this.settings);
    this.listings = new DynamoDbListings(tasks);
    this.lanes = new DynamoDbLanes(agents, clock, registrations);
    this.agents = new DynamoDbAgents(agents, clock, this.random);
    this.statistics = new DynamoDbStatistics(agents, clock);
    this.counting = new DynamoDbCounting(agents, clock);
    this.poison = new PoisonLimit(agents, clock, 'test');
    this.recounts = new DynamoDbRecounts(agents, clock);
    this.snapshots = new DynamoDbSnapshots(agents);
    this.accessKeys = new DynamoDbAccessKeys(agents);
    this.dataFormat = new DynamoDbDataFormat(agents);
  }

  readonly isUnavailable = isUnavailable;

  readonly deployment = { stage: 'test', region: 'us-east-1' };

  readonly wakeUps: Ports['wakeUps'] = {
    send: (wakeUps) => {
      this.sentWakeUps.push(...wakeUps);
      return Promise.resolve();
    },
  };

  readonly events = {
    publish: (events: readonly (TaskEvent | ReleaseEvent)[]) => {
      for (const event of events) {
        if (event.type === releaseEvent.type) this.releases.push(event.detail);
        else this.published.push(event);
      }
      return Promise.resolve();
    },
  };

  /** Another process that has read nothing yet, with the same clock by default. */
  another(clock = this.clock): TestPorts {
    return new TestPorts(this.#context, this.settings, { ...this.#world, clock });
  }

  /** Creates a task, with routing=manual by default. */
  async create(input: Partial<TaskInput> = {}, keyId = 'producer'): Promise<TaskRecord> {
    const task = TaskInput().parse({ content: 'something to do', routing: 'manual', ...input });
    return (await create(this, task, { keyId, role: 'producer', scopes: [] })).task;
  }

  /** Writes a task in any state, as if everything that leads to it had happened. */
  async store(task: TaskRecord, indexEntry?: IndexEntry): Promise<void> {
    const { id: _id, ...set } = task;
    const { applied } = await this.tasks.create({ record: task, first: { set, ...(indexEntry && { indexEntry }) } });
    if (!applied) throw new Error(`The task ${task.id} is there already.`);
  }

  async task(id: string): Promise<TaskRecord> {
    const task = await this.tasks.get(id);
    if (!task) throw new Error(`Task ${id} not found.`);
    return task;
  }

  /** The item of a task as stored. */
  async item(id: string): Promise<Item> {
    const { client, tables } = this.#context;
    return (await new Table(client, tables.tasks).get(taskKey(id))) ?? {};
  }

  async register(id: string, capabilities: readonly string[] = [], maximum = 5): Promise<AgentRecord> {
    await this.agents.register({ id, capabilities, maximum }, this.clock.now());
    return this.agent(id);
  }

  /**
   * Removes an agent that holds nothing.
   * @returns whether it existed and is gone
   */
  async deregister(id: string): Promise<boolean> {
    const agent = await this.agents.beginLeaving(id, this.clock.now());
    return agent !== undefined && this.agents.remove(agent);
  }

  async agent(id: string): Promise<AgentRecord> {
    const agent = await this.agents.get(id);
    if (!agent) throw new Error(`Agent ${id} not found.`);
    return agent;
  }

  /**
   * Offers a task to an agent without taking it.
   * @returns the token
   */
  async offer(agent: AgentRecord, taskId: string): Promise<string> {
    const offer = await this.agents.offer(agent, toOffer(taskId));
    if (!offer.offered) throw new Error(`Agent ${agent.id} refused ${taskId}.`);
    return offer.tokens[taskId] ?? '';
  }

  /** Performs an operation as an agent, or as an admin if none is named. */
  perform(operation: Implementation, input: unknown, agentId?: string): Promise<unknown> {
    const role = agentId === undefined ? 'admin' : 'agent';
    const scopes = scopesOf.admin;
    return perform(operation, this, input, { keyId: 'key', role, scopes, ...(agentId !== undefined && { agentId }) });
  }

  /**
   * Offers a task to an agent and takes it; running by default.
   * @throws Error if it was not won
   */
  async give(task: TaskRecord, agentId: string, start = true): Promise<HeldTask> {
    const agent = await this.agent(agentId);
    const { tasks } = await takeOffers(this, { agent, tasks: [task], by: 'router', start, asked: false });
    const [won] = tasks;
    if (!won || !isHeld(won)) throw new Error(`Agent ${agentId} did not get task ${task.id}.`);
    return won;
  }

  /**
   * Another process releases the dependents of a completed task, and gives one of them to an agent that it registers.
   */
  async releaseAndGive(completedId: string, dependentId: string, agentId: string): Promise<void> {
    const other = this.another();
    await releaseDependents(other, { id: completedId, status: 'completed' });
    await other.register(agentId);
    await other.give(await other.task(dependentId), agentId);
  }

  /** Completes a running task as a process that dies right after this write. */
  async completeAndDie({ id, agentId, attempt }: HeldTask): Promise<void> {
    await this.tasks.apply(id, complete({ agentId, attempt }, {}, this.clock.now()));
  }
}

/** The code of a refusal, or that there was none. */
export const refusalCode = (attempted: Promise<unknown>) =>
  attempted.then(
    () => 'not refused',
    (error: unknown) => (error instanceof Refusal ? error.code : error),
  );
