import type { Status } from './contract/nouns.ts';
import type { AgentProfile, AgentRecord, Capabilities, Outcome, Instance } from './domain/agent.ts';
import type { AccessKeyRecord } from './domain/access-key.ts';
import type { FleetSummary } from './domain/fleet.ts';
import type { Occupant } from './domain/instance.ts';
import type { Lane } from './domain/lane.ts';
import type { LaneSummary } from './domain/lane-summary.ts';
import type { Minute } from './domain/minutes.ts';
import type { Settings } from './domain/settings.ts';
import type { CountRule, QueueCounters } from './domain/statistics.ts';
import type { Edge } from './domain/edge.ts';
import type { GraphTally } from './domain/graph.ts';
import type { GraphDecision } from './domain/graph-decision.ts';
import type { EndedTask, Payload, Report, TaskDefinition, TaskRecord } from './domain/task.ts';
import type { StateChange, Transition } from './domain/transition.ts';
import type { PublicEvent, ReleaseEvent } from './domain/task-change.ts';

/** All times are milliseconds since 1970, by the server's clock. */
export interface Clock {
  now(): number;
}

/** Where chance comes from, so that decisions stay pure. */
export interface Random {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A new task id: a ULID. */
  taskId(): string;
  /** A new offer token: its time, chance, and where it is known how long the task may run. */
  token(timeoutMs?: number): string;
  /** A few characters that tell two writes of one millisecond apart. */
  nonce(): string;
}

/** What became of a conditional write: a lost race is a value. `task` is the task as it stands after the call. */
export type WriteOutcome = { applied: true; task: TaskRecord } | { applied: false; task: TaskRecord | undefined };

export interface Page<T> {
  items: T[];
  /** Where the next page begins; absent after the last one. */
  cursor?: string;
}

/** A ready task as its lane lists it: enough to try to take it without reading it. */
export interface ReadyTask {
  id: string;
  /** Sorts like the order in which the tasks should run. */
  order: string;
  /** Where the lane goes on behind it. */
  position: string;
  timeoutMs: number;
  /** How many attempts there were before; absent where an older version put it into its lane. */
  attempt?: number;
  payloadKb?: number;
  /** The last dependency of a task that waits for it alone: it is in no lane, and taking it releases it. */
  edge?: Edge;
}

/** A new task with the first change that is made to it. */
export interface TaskCreation {
  record: TaskDefinition;
  first: StateChange;
}

/** How a dependency of a child stands. */
export type DependencyState = 'met' | 'failed' | 'unfailed';

/** Tasks, what they carry, and who waits for whom. */
export interface Tasks {
  /** Reads one task, consistently. */
  get(id: string): Promise<TaskRecord | undefined>;
  /** Reads many tasks, in the order asked; unknown ones are left out. Eventually consistent unless asked otherwise. */
  getMany(ids: readonly string[], options?: { consistent?: boolean }): Promise<TaskRecord[]>;
  /** The statuses of dependencies, read consistently: of an ended task for two hours longer than anybody else is shown it. */
  statuses(ids: readonly string[]): Promise<Map<string, Status>>;
  /** Writes the task unless its id is taken, and merges what its dependencies have left on a placeholder. */
  create(task: TaskCreation): Promise<WriteOutcome>;
  /** Makes one transition if its guard holds. */
  apply(id: string, transition: Transition): Promise<WriteOutcome>;
  /** Marks an open task as counted by a recount, unless it or a later one has. @returns whether it was marked now */
  markCounted(id: string, recount: number): Promise<boolean>;

  /** Stores a payload that does not fit into its task; expires by itself after the longest life of a task. */
  putPayload(id: string, bodyHash: string, payload: Payload, createdAt: number): Promise<void>;
  /** Stores a report that does not fit into its task. @returns its name, which is its content's hash */
  putReport(id: string, report: Report): Promise<string>;
  /** The payloads and reports of tasks, wherever they are stored, by task id. */
  payloads(tasks: readonly TaskRecord[]): Promise<Map<string, Payload>>;
  reports(tasks: readonly TaskRecord[]): Promise<Map<string, Report>>;

  putEdges(edges: readonly Edge[], createdAt: number): Promise<void>;
  /** One page of the dependents of a task, read consistently unless asked otherwise. */
  edges(
    parentId: string,
    cursor: string | undefined,
    options?: { limit?: number; consistent?: boolean },
  ): Promise<Page<Edge>>;
  /** Tells the child how the dependency stands, also when the child does not exist yet. Undefined: another child took its id. */
  recordDependency(edge: Edge, state: DependencyState, now: number): Promise<TaskRecord | undefined>;
}

/** Tasks that were submitted together: what is committed, and with it all of them. */
export interface GraphHead {
  id: string;
  bodyHash: string;
  createdAt: number;
  title: string;
  /** How many tasks it has. */
  total: number;
  /** Each of its tasks has been written: one that does not exist has been deleted since. */
  isWritten: boolean;
  /** The number of the last decision about all of its tasks; 0 before the first. */
  decided: number;
  /** That decision, as long as it has not been carried out. */
  decision?: GraphDecision;
}

/** A graph in a list: its counts may be some seconds old. */
export interface ListedGraph extends GraphHead {
  counts: GraphTally;
}

export interface GraphRecord extends GraphHead {
  tasks: { key: string; record: TaskDefinition; dependencies: string[] }[];
}

/** How the tasks of a graph are stored that one item does not hold. */
export interface GraphParts {
  name: string;
  count: number;
}

export interface Graphs {
  /**
   * Stores the tasks of a graph, which nobody finds before its commit. Without one they expire.
   * @returns their parts, which are to be committed with it; undefined where one item holds them
   */
  putTasks(graph: GraphRecord): Promise<GraphParts | undefined>;
  /** Makes it a fact, unless its id is taken: from now on it is among the unwritten. @returns the graph that has the id now */
  commit(graph: GraphRecord, parts?: GraphParts): Promise<{ graph: GraphHead; isNew: boolean }>;
  head(id: string): Promise<GraphHead | undefined>;
  get(id: string): Promise<GraphRecord | undefined>;
  markWritten(id: string): Promise<void>;
  /**
   * Decides something for all its tasks, if nothing has been decided since it was read.
   * @returns whether it is decided: from now on the graph is among the unfinished, until the decision has ended
   */
  decide(read: GraphHead, decision: GraphDecision): Promise<boolean>;
  /** Its tasks follow the decision, unless it was the last one no more. */
  endDecision(id: string, number: number): Promise<void>;
  /** Adds changes of tasks to the counts of their graphs once, however often it is repeated. */
  count(batch: CountedBatch): Promise<void>;
  /** Graphs, newest first. */
  list(limit: number, cursor: string | undefined): Promise<Page<ListedGraph>>;
  /** Graphs that were created before a time and whose tasks are not all written, or do not all follow a decision; oldest first. */
  unfinished(before: number, limit: number): Promise<string[]>;
}

/** A task in a listing. */
export interface ListedTask {
  id: string;
  /** Where the listing goes on behind it. */
  position: string;
}

/** How tasks are found: every listing reads a bounded part of an index. */
export interface Listings {
  /** The first tasks of a lane in the order in which they should run. */
  lane(lane: Pick<Lane, 'key' | 'routing'>, limit: number, after?: string): Promise<ReadyTask[]>;
  /** The tasks whose timer or check was due by a time, oldest first, behind a position. */
  due(kind: 'timers' | 'checks', now: number, limit: number, after?: string): Promise<ListedTask[]>;
  /**
   * One page of ids out of a sorted list that may be spread over several partitions, newest first where sorted by time.
   * @param after position behind which the page begins
   */
  page(list: TaskList, limit: number, range: { after?: string; since?: number }): Promise<ListedTask[]>;
}

export type TaskList =
  | { of: 'lane'; lane: Pick<Lane, 'key' | 'routing'>; newestFirst?: boolean }
  | { of: 'timers' }
  | { of: 'checks' }
  | { of: 'ended'; statuses: readonly EndedTask['status'][] }
  | { of: 'agent'; agentId: string; statuses: readonly EndedTask['status'][] };

/** Some of many things that are visited in turn: each visit goes on where the last one of any process advanced. */
export interface Turn<T> {
  items: T[];
  /** What was made of those that came before in this round; undefined for the first. */
  carried: string | undefined;
  /** The round ends with these. */
  isLast: boolean;
  /** Goes on to the next ones. Without it, these come again. */
  advance(carry?: string): Promise<void>;
}

/** An active lane, with when it was noted last that somebody put a task into it. */
export type ActiveLane = Lane & { usedAt: number };

/** The lanes. A registration outlives every task in its lane; only active lanes are looked at. */
export interface Lanes {
  /**
   * Makes sure that the lane of a new task is registered and active.
   * @returns where there are too many active lanes for another one: those used least
   */
  register(lane: Lane): Promise<Lane[] | undefined>;
  /** Makes sure that a lane is active before a task is put into it: whoever writes tasks does so. */
  use(lane: Pick<Lane, 'key' | 'routing'>): Promise<void>;
  /** The lane was found empty: it turns dormant unless it was used within 24 hours. */
  retire(lane: Lane): Promise<void>;
  /** All active lanes. Costs depend on how many there are. */
  all(): Promise<Lane[]>;
  /** Some of the active lanes: all of them when they are fewer than `limit`. May be some seconds old. */
  someActive(limit: number): Promise<Lane[]>;
  /** So many of the active lanes, in turn. */
  nextActive(limit: number): Promise<Turn<ActiveLane>>;
  /** Some of the lanes that are not active, in turn: all of them within an hour of sweeps. */
  nextInactive(): Promise<Lane[]>;
  /** Active lanes that an agent with these capabilities can serve; as they are now, or as they were some seconds ago. */
  servable(capabilities: Capabilities, options?: { fresh?: boolean }): Promise<Lane[]>;
  /** The requirements of lanes by key. */
  requirements(keys: readonly string[]): Promise<Map<string, string[]>>;
}

/** An agent as routing sees it. */
export interface Member {
  id: string;
  capabilities: Capabilities;
  /** Of the profile that this was taken from. */
  version: number;
}

export interface Sample {
  members: Member[];
  /** Nobody is left out. */
  isWhole: boolean;
}

/** A task that is offered. */
export type Offered = Pick<ReadyTask, 'id' | 'timeoutMs'>;

/** The agent as it is after the offer, and the tokens by task id; or the agent as it refused it, unless it is gone. */
export type OfferOutcome =
  | { offered: true; agent: AgentRecord; tokens: Readonly<Record<string, string>> }
  | { offered: false; agent: AgentRecord | undefined };

export interface Agents {
  get(id: string): Promise<AgentRecord | undefined>;
  /** Many agents, in the order asked; unknown ones are left out. Eventually consistent. */
  getMany(ids: readonly string[]): Promise<AgentRecord[]>;
  /** The agent as a write of this process left it in the last seconds: it may have changed since. */
  lately(id: string): AgentRecord | undefined;
  /** What this process read last about what an agent can do: there may be a newer version. */
  lastKnown(id: string): AgentProfile | undefined;
  /** What the agents can do, by id; the same objects as long as nothing has changed. */
  profiles(agents: readonly AgentRecord[]): Promise<Map<string, AgentProfile>>;
  /** Who has an agent id, registered yet or not. */
  occupant(id: string): Promise<Occupant | undefined>;
  /**
   * Gives the agent id to a process, or to those that do not name themselves.
   * @param read who has it; refused if that has changed
   * @param takeover only another process counts as a change, not that this one was seen since
   * @returns whether it has the id
   */
  occupy(id: string, next: Instance | undefined, read: Occupant | undefined, takeover: boolean): Promise<boolean>;
  /**
   * Writes the profile and what the router finds the agent by; one write if they say this already. Keeps the record, the inbox and
   * what was learned.
   * @returns the agent after it; 'too_many': it would have too many capabilities
   */
  register(agent: Registration, now: number): Promise<AgentRecord | 'too_many'>;
  /**
   * From now on the agent is offered nothing: it is leaving until it is removed or registers again. Keeps the time of the first call.
   * @param seenAt only if it was not seen since
   * @returns the agent; undefined if there is none, or it was seen
   */
  beginLeaving(id: string, now: number, seenAt?: number): Promise<AgentRecord | undefined>;
  /**
   * Removes a leaving agent with all that names it, unless it holds something or has registered again since it was read.
   * @returns whether it is gone
   */
  remove(agent: AgentRecord): Promise<boolean>;
  /** Adds or replaces one capability. @returns the agent after it, or why it was not done */
  learn(id: string, capability: string, confidence: number): Promise<AgentRecord | 'no_agent' | 'too_many'>;
  /** Changes nothing of an agent that is leaving. */
  setState(id: string, state: 'active' | 'draining'): Promise<AgentRecord | undefined>;
  /**
   * The agent has left: it gets no work until it registers again, or is set to active.
   * @param instance only if this process has the agent
   */
  leave(id: string, instance?: string): Promise<AgentRecord | undefined>;
  /** The agent was seen: written at most every 30 s. One that routing had forgotten is found again. */
  seen(agent: AgentRecord, now: number): Promise<void>;
  /** All that the agent holds has been read: see `isInboxReadDue`. */
  noteInboxRead(id: string, now: number): Promise<void>;
  /** The agent counts as unseen since that time, until it is seen again. */
  suspect(id: string, seenAt: number): Promise<void>;
  /**
   * Takes agents that have not been seen for an hour out of what routing finds, marks them so, and mends what a process that died has left
   * half written of others. Visits all agents over 16 minutes of calls.
   */
  review(now: number): Promise<void>;
  /** So many of all agents, in turn. May be some seconds old. */
  nextInTurn(limit: number): Promise<Turn<AgentRecord>>;

  /**
   * Puts tasks into the inbox, each with a token, if the agent is active and has room for all of them. Every try has tokens of its
   * own: one that comes late, when a repeat of it has won and the hold has ended, is an offer that nobody takes.
   * @param seenAt given when it is the agent that asks: then only if the same process has it as when it was read
   * @param freed a slot that is freed with the same write, which is refused if it is free already
   */
  offer(agent: AgentRecord, tasks: readonly Offered[], seenAt?: number, freed?: FreedSlot): Promise<OfferOutcome>;
  /**
   * Takes a task out of the inbox if it is there with this token, and counts the outcome with it, once: for the agent and
   * for each of its capabilities that the task required.
   * @param seenAt given when it is the agent that asks
   * @returns the agent after it; undefined when it is not registered
   */
  freeSlot(agentId: string, freed: FreedSlot, seenAt?: number): Promise<AgentRecord | undefined>;
  /** Counts an outcome of work outside the queue: once, if it says of which task. */
  record(agentId: string, outcome: Outcome, now: number, taskId?: string): Promise<AgentRecord | undefined>;

  /**
   * Agents that have all these capabilities: all of them when few, else a sample of about `limit`, by chance or, to be the
   * same each time, the first. May be some seconds old unless asked for fresh.
   */
  capable(requirements: readonly string[], limit: number, which?: 'any' | 'first' | 'fresh'): Promise<Sample>;
  /** The ids of all agents, or of those that have a capability and were seen within the hour, page by page. */
  list(capability: string | undefined, limit: number, cursor: string | undefined): Promise<Page<string>>;
}

/** A slot to be freed: of a hold that has ended, or of an offer that won nothing. */
export interface FreedSlot {
  taskId: string;
  token: string;
  outcome: Outcome;
  /** What the task required, where the outcome counts as evidence for it. */
  requirements?: readonly string[];
}

export interface Registration {
  id: string;
  capabilities: readonly string[];
  maximum: number;
  metadata?: AgentProfile['metadata'];
  /** The process that was given the agent id. */
  instance?: Instance | undefined;
}

/** Messages of the ready queue. They are hints: losing, repeating or delaying one costs time, never correctness. */
export type WakeUp = { task_id: string } | { agent_id: string };

export interface WakeUps {
  /** @param delayMs not before this long; at most 15 min */
  send(wakeUps: readonly { wakeUp: WakeUp; delayMs?: number }[]): Promise<void>;
}

/** The counting of changes as the stream tells them. */
export interface Counting {
  /** Adds a batch of changes once, however often it is repeated. @returns the counts after it, if it was added now */
  add(batch: CountedBatch): Promise<QueueCounters | undefined>;
  /** Which open tasks of a batch that was added are in no count, and the recount that must mark them to be counted. */
  uncounted(changes: CountedBatch['changes']): { ids: string[]; recount: number };
}

export interface Statistics {
  queue(): Promise<QueueCounters>;
  /** The counts, and those of each of the last 60 minutes, oldest first: the last one has not ended. At most 5 read units. */
  lastHour(): Promise<{ counts: QueueCounters; minutes: Minute[] }>;
  /**
   * How many tasks are open; undefined where that is in doubt. A second old at most, or half a minute where it is far from `near`.
   */
  openTasks(near: number): Promise<number | undefined>;
  /** Drops what is kept of shards that have expired. */
  prune(now: number): Promise<void>;
}

/** A recount of the open tasks that is under way. */
export interface Recount extends CountRule {
  begunAt: number;
}

/** How far a recount has come. */
export interface RecountPlace {
  /** The list that it reads, and behind which position it goes on. */
  list: string;
  after?: string;
  /** How many tasks it has marked. */
  marked: number;
}

/**
 * Recounts of the open tasks. While one is under way, every change is counted twice: in the counts that are shown, and in new
 * ones, in which only tasks are counted that the recount has marked or that are newer than it.
 */
export interface Recounts {
  /** The number of the last one that has ended, about when it was begun, and the one that is under way. */
  latest(): Promise<{ ended: number; endedSince: number; underWay: Recount | undefined }>;
  /** Begins one, or joins the one that is under way. */
  begin(): Promise<Recount>;
  place(recount: number): Promise<RecountPlace | undefined>;
  move(recount: number, place: RecountPlace): Promise<void>;
  /** From now on the new counts are shown, if so many marks have been counted. @returns whether they are */
  end(recount: number, marked: number): Promise<boolean>;
}

/** What there is a snapshot of. */
export interface SnapshotParts {
  fleet: FleetSummary;
  lanes: LaneSummary;
}

export interface Snapshot<Summary> {
  summary: Summary;
  /** When it was made. */
  at: number;
}

/** What the sweep has seen of all agents and of all active lanes: to be read at the same cost however many there are. */
export interface Snapshots {
  /** May be some seconds older than the last one. */
  get<Of extends keyof SnapshotParts>(of: Of): Promise<Snapshot<SnapshotParts[Of]> | undefined>;
  put<Of extends keyof SnapshotParts>(of: Of, snapshot: Snapshot<SnapshotParts[Of]>): Promise<void>;
}

export interface CountedBatch {
  /** Where in which shard each change stands; sequence numbers ascend. */
  shardId: string;
  changes: readonly { sequenceNumber: string; before: TaskRecord | undefined; after: TaskRecord | undefined }[];
}

export interface AccessKeys {
  put(key: AccessKeyRecord): Promise<void>;
  get(id: string): Promise<AccessKeyRecord | undefined>;
  list(limit: number, cursor: string | undefined): Promise<Page<AccessKeyRecord>>;
  /** Keeps the time of the first revocation. @returns undefined if there is no such key */
  revoke(id: string, now: number): Promise<AccessKeyRecord | undefined>;
}

/** What happened to a task, for the bus: never its content or result. */
export interface TaskEvent {
  type: PublicEvent['type'];
  detail: {
    event_id: string;
    schema_version: 1;
    occurred_at: string;
    task_id: string;
    task_type: string;
    status: string;
    previous_status?: string;
    attempt: number;
    assigned_to?: string;
    graph_id?: string;
    has_dependents: boolean;
  };
}

export interface Events {
  publish(events: readonly (TaskEvent | ReleaseEvent)[]): Promise<void>;
}

/** Everything an operation may touch. */
/** The format of what is stored, so that an older version refuses what it would misread. */
export interface DataFormat {
  /**
   * Finds out, once for each process, whether this version understands what is stored.
   * @throws Refusal `unavailable` when a newer version has written it
   */
  check: () => Promise<void>;
  /** Notes that this version writes, unless the same or a newer one has. */
  record: () => Promise<void>;
}

export interface Ports {
  tasks: Tasks;
  graphs: Graphs;
  listings: Listings;
  lanes: Lanes;
  agents: Agents;
  wakeUps: WakeUps;
  statistics: Statistics;
  recounts: Recounts;
  snapshots: Snapshots;
  accessKeys: AccessKeys;
  dataFormat: DataFormat;
  clock: Clock;
  random: Random;
  settings: Settings;
  /** Where this runs, as people name it. */
  deployment: { stage: string; region: string };
  /** Whether an error of a port says that a service has no capacity or gives no answer now: later the same may succeed. */
  isUnavailable: (error: unknown) => boolean;
}
