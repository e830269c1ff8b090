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

/** All times are milliseconds since 1970 by the server's clock. */
export interface Clock {
  now(): number;
}

/** The source of randomness, kept out of the decisions so that they stay pure. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
  /** A new task id: a ULID. */
  taskId(): string;
  /** A new offer token: the time it was made, a random part and, if given, the task's timeout. */
  token(timeoutMs?: number): string;
  /** A few characters that distinguish two writes made in the same millisecond. */
  nonce(): string;
}

/** The outcome of a conditional write: losing a race is a value, not an error. `task` is the task after the call. */
export type WriteOutcome = { applied: true; task: TaskRecord } | { applied: false; task: TaskRecord | undefined };

export interface Page<T> {
  items: T[];
  /** Where the next page begins; absent on the last page. */
  cursor?: string;
}

/** A ready task as its lane lists it: enough to try to take it without reading it. */
export interface ReadyTask {
  id: string;
  /** Sorts in the order in which the tasks should run. */
  order: string;
  /** Position in the lane; listing continues after it. */
  position: string;
  timeoutMs: number;
  /** Number of earlier attempts; absent if an older version put the task into its lane. */
  attempt?: number;
  payloadKb?: number;
  /** Set if the task waits only for this dependency: it is in no lane yet, and taking it releases it. */
  edge?: Edge;
}

/** A new task and the first change made to it. */
export interface TaskCreation {
  record: TaskDefinition;
  first: StateChange;
}

/** What a dependency means for its dependent. */
export type DependencyState = 'met' | 'failed' | 'unfailed';

/** Tasks, their payloads and reports, and their dependency edges. */
export interface Tasks {
  /** Reads one task, consistently. */
  get(id: string): Promise<TaskRecord | undefined>;
  /** Reads many tasks in the order given and skips unknown ids. Eventually consistent unless requested otherwise. */
  getMany(ids: readonly string[], options?: { consistent?: boolean }): Promise<TaskRecord[]>;
  /**
   * Statuses of dependencies, read consistently. Ended tasks are found here for two hours after they
   * disappear for everyone else.
   */
  statuses(ids: readonly string[]): Promise<Map<string, Status>>;
  /** Writes the task unless its id is taken, and merges what its dependencies recorded on a placeholder. */
  create(task: TaskCreation): Promise<WriteOutcome>;
  /** Applies one transition if its guard holds. */
  apply(id: string, transition: Transition): Promise<WriteOutcome>;
  /**
   * Marks an open task as counted by a recount, unless this recount or a later one already has.
   * @returns whether this call marked it
   */
  markCounted(id: string, recount: number): Promise<boolean>;

  /** Stores a payload that does not fit into its task; it expires after the maximum age of a task. */
  putPayload(id: string, bodyHash: string, payload: Payload, createdAt: number): Promise<void>;
  /**
   * Stores a report that does not fit into its task.
   * @returns its name, a hash of its content
   */
  putReport(id: string, report: Report): Promise<string>;
  /** Payloads and reports of tasks by task id, wherever they are stored. */
  payloads(tasks: readonly TaskRecord[]): Promise<Map<string, Payload>>;
  reports(tasks: readonly TaskRecord[]): Promise<Map<string, Report>>;

  putEdges(edges: readonly Edge[], createdAt: number): Promise<void>;
  /** One page of a task's dependents, read consistently unless requested otherwise. */
  edges(
    parentId: string,
    cursor: string | undefined,
    options?: { limit?: number; consistent?: boolean },
  ): Promise<Page<Edge>>;
  /**
   * Records the dependency state on the child, even if the child does not exist yet.
   * @returns undefined if another task has the child's id
   */
  recordDependency(edge: Edge, state: DependencyState, now: number): Promise<TaskRecord | undefined>;
}

/** Tasks that were submitted together. Committing the head commits all of them. */
export interface GraphHead {
  id: string;
  bodyHash: string;
  createdAt: number;
  title: string;
  /** Number of tasks. */
  total: number;
  /** All of its tasks have been written: one that does not exist has since been deleted. */
  isWritten: boolean;
  /** Number of the last decision about all of its tasks; 0 before the first one. */
  decided: number;
  /** The last decision, until it has been carried out. */
  decision?: GraphDecision;
}

/** A graph in a list; its counts may be a few seconds old. */
export interface ListedGraph extends GraphHead {
  counts: GraphTally;
}

export interface GraphRecord extends GraphHead {
  tasks: { key: string; record: TaskDefinition; dependencies: string[] }[];
}

/** How the tasks of a graph that does not fit into one item are stored. */
export interface GraphParts {
  name: string;
  count: number;
}

export interface Graphs {
  /**
   * Stores the tasks of a graph; they are invisible until the graph is committed, and expire if it never is.
   * @returns the parts to commit with the graph; undefined if one item holds everything
   */
  putTasks(graph: GraphRecord): Promise<GraphParts | undefined>;
  /**
   * Commits the graph unless its id is taken. Until all of its tasks are written, it is listed as unfinished.
   * @returns the graph that now has the id
   */
  commit(graph: GraphRecord, parts?: GraphParts): Promise<{ graph: GraphHead; isNew: boolean }>;
  head(id: string): Promise<GraphHead | undefined>;
  get(id: string): Promise<GraphRecord | undefined>;
  markWritten(id: string): Promise<void>;
  /**
   * Records a decision about all tasks of a graph, unless another was made since the graph was read. The graph is
   * listed as unfinished until the decision has been carried out.
   * @returns whether it was recorded
   */
  decide(read: GraphHead, decision: GraphDecision): Promise<boolean>;
  /** Marks a decision as carried out, unless a later one has replaced it. */
  endDecision(id: string, number: number): Promise<void>;
  /** Adds task changes to the counts of their graphs, exactly once however often the batch is repeated. */
  count(batch: CountedBatch): Promise<void>;
  /** Graphs, newest first. */
  list(limit: number, cursor: string | undefined): Promise<Page<ListedGraph>>;
  /** Graphs created before a time that still have tasks to write or a decision to carry out; oldest first. */
  unfinished(before: number, limit: number): Promise<string[]>;
}

/** A task in a listing. */
export interface ListedTask {
  id: string;
  /** Position in the listing; it continues after this. */
  position: string;
}

/** How tasks are found: every listing reads a bounded part of an index. */
export interface Listings {
  /** The first tasks of a lane, in the order in which they should run. */
  lane(lane: Pick<Lane, 'key' | 'routing'>, limit: number, after?: string): Promise<ReadyTask[]>;
  /** Tasks whose timer or check is due, oldest first. */
  due(kind: 'timers' | 'checks', now: number, limit: number, after?: string): Promise<ListedTask[]>;
  /**
   * One page of ids from a sorted list, which may span several partitions; newest first if sorted by time.
   * @param after the position to continue after
   */
  page(list: TaskList, limit: number, range: { after?: string; since?: number }): Promise<ListedTask[]>;
}

export type TaskList =
  | { of: 'lane'; lane: Pick<Lane, 'key' | 'routing'>; newestFirst?: boolean }
  | { of: 'timers' }
  | { of: 'checks' }
  | { of: 'ended'; statuses: readonly EndedTask['status'][] }
  | { of: 'agent'; agentId: string; statuses: readonly EndedTask['status'][] };

/**
 * The next few of many things that all processes visit in turn: each visit continues where the last `advance` of any
 * process left off.
 */
export interface Turn<T> {
  items: T[];
  /** What earlier visits of this round carried along; undefined on the first. */
  carried: string | undefined;
  /** This visit ends the round. */
  isLast: boolean;
  /** Moves on to the next ones; without it, the same ones are visited again. */
  advance(carry?: string): Promise<void>;
}

/** An active lane, and when its use was last recorded. */
export type ActiveLane = Lane & { usedAt: number };

/** The lanes. A registration outlives every task in its lane; only active lanes are searched. */
export interface Lanes {
  /**
   * Ensures that the lane of a new task is registered and active.
   * @returns the least recently used lanes if there are too many active ones to add another
   */
  register(lane: Lane): Promise<Lane[] | undefined>;
  /** Ensures that a lane is active. Call it before putting a task into the lane. */
  use(lane: Pick<Lane, 'key' | 'routing'>): Promise<void>;
  /** Makes an empty lane dormant, unless it was used within 24 hours. */
  retire(lane: Lane): Promise<void>;
  /** All active lanes; the cost grows with their number. */
  all(): Promise<Lane[]>;
  /** Up to `limit` active lanes, which is all of them if there are fewer. May be a few seconds old. */
  someActive(limit: number): Promise<Lane[]>;
  /** Visits up to `limit` active lanes, in turn. */
  nextActive(limit: number): Promise<Turn<ActiveLane>>;
  /** Visits some of the inactive lanes, in turn: all of them within an hour of sweeps. */
  nextInactive(): Promise<Lane[]>;
  /** Active lanes that an agent with these capabilities can serve; a few seconds old unless `fresh`. */
  servable(capabilities: Capabilities, options?: { fresh?: boolean }): Promise<Lane[]>;
  /** The requirements of lanes, by lane key. */
  requirements(keys: readonly string[]): Promise<Map<string, string[]>>;
}

/** An agent as routing sees it. */
export interface Member {
  id: string;
  capabilities: Capabilities;
  /** Version of the profile that this was taken from. */
  version: number;
}

export interface Sample {
  members: Member[];
  /** No agent is missing from the sample. */
  isWhole: boolean;
  /** It was read for this call. */
  isFresh: boolean;
}

/** A task to offer, with its timeout if it is to be assigned first and started later. */
export type Offered = Pick<ReadyTask, 'id'> & Partial<Pick<ReadyTask, 'timeoutMs'>>;

/**
 * The agent after the offer, with the tokens by task id; or the agent as it was when the offer was refused, if it still
 * exists.
 */
export type OfferOutcome =
  | { offered: true; agent: AgentRecord; tokens: Readonly<Record<string, string>> }
  | { offered: false; agent: AgentRecord | undefined };

export interface Agents {
  get(id: string): Promise<AgentRecord | undefined>;
  /** Reads many agents in the order given and skips unknown ids. Eventually consistent. */
  getMany(ids: readonly string[]): Promise<AgentRecord[]>;
  /** The agent as this process last wrote it, however long ago. */
  lastWritten(id: string): AgentRecord | undefined;
  /** The agent as this process last wrote it, within the last seconds; it may have changed since. */
  recentlyWritten(id: string): AgentRecord | undefined;
  /** The profile that this process read last; there may be a newer version. */
  lastKnown(id: string): AgentProfile | undefined;
  /** Profiles by agent id; the same objects as long as nothing has changed. */
  profiles(agents: readonly AgentRecord[]): Promise<Map<string, AgentProfile>>;
  /** Who has an agent id, whether or not it is registered yet. */
  occupant(id: string): Promise<Occupant | undefined>;
  /**
   * Gives the agent id to a process, or to processes that name no instance.
   * @param read the occupant as read; refused if that has changed
   * @param takeover ignore that the occupant was seen since; only a different process counts as a change
   * @returns whether the process has the id
   */
  occupy(id: string, next: Instance | undefined, read: Occupant | undefined, takeover: boolean): Promise<boolean>;
  /**
   * Writes the profile and the memberships that the router finds the agent by; a single write if the memberships are
   * already right. Keeps the track record, the inbox and learned capabilities.
   * @returns the agent after the write; 'too_many' if it would have too many capabilities
   */
  register(agent: Registration, now: number): Promise<AgentRecord | 'too_many'>;
  /**
   * Starts removing an agent: it gets no more offers, and is leaving until it is removed or registers again. Keeps the
   * time of the first call.
   * @param seenAt only if it was not seen since
   * @returns the agent; undefined if there is none, or it was seen
   */
  beginLeaving(id: string, now: number, seenAt?: number): Promise<AgentRecord | undefined>;
  /**
   * Removes a leaving agent and every reference to it, unless it holds something or registered again since it was read.
   * @returns whether it is gone
   */
  remove(agent: AgentRecord): Promise<boolean>;
  /**
   * Adds or replaces one capability.
   * @returns the agent after the write, or why nothing was written
   */
  learn(id: string, capability: string, confidence: number): Promise<AgentRecord | 'no_agent' | 'too_many'>;
  /** Does not change an agent that is leaving, or is run by another instance than the one given. */
  setState(id: string, state: 'active' | 'draining', instance?: string): Promise<AgentRecord | undefined>;
  /**
   * Marks the agent as left: it gets no work until it registers again or is set to active.
   * @param instance only if this process has the agent
   */
  leave(id: string, instance?: string): Promise<AgentRecord | undefined>;
  /** Records that the agent was seen, at most every 30 s, and restores an agent that routing had forgotten. */
  seen(agent: AgentRecord, now: number): Promise<void>;
  /** Records that everything the agent holds has been read: see `isInboxReadDue`. */
  noteInboxRead(id: string, now: number): Promise<void>;
  /** Treats the agent as unseen since that time, until it is seen again, unless it was seen after `now`. */
  markUnseen(id: string, seenAt: number, now: number): Promise<void>;
  /**
   * Forgets agents that have not been seen for an hour, so that routing no longer finds them, and repairs half-written
   * records of other agents left by processes that died. Visits all agents within 16 minutes of calls.
   */
  review(now: number): Promise<void>;
  /** Visits up to `limit` agents, in turn. May be a few seconds old. */
  nextInTurn(limit: number): Promise<Turn<AgentRecord>>;

  /**
   * Adds tasks to the inbox, each with a token, if the agent is active and has room for all of them. Every try uses its
   * own tokens: a delayed try that lands after its repeat has won and that hold has ended is just an offer that is
   * never taken.
   * @param seenAt set if the agent itself is asking: then only if the same process still has the agent as when it was
   * read
   * @param freed a slot to free in the same write, which is refused if the slot is already free
   */
  offer(agent: AgentRecord, tasks: readonly Offered[], seenAt?: number, freed?: FreedSlot): Promise<OfferOutcome>;
  /**
   * Removes a task from the inbox if it is there with this token and, in the same write, counts the outcome once, for
   * the agent and for each capability that the task required.
   * @param seenAt set if the agent itself is asking
   * @returns the agent after the write; undefined if it is not registered
   */
  freeSlot(agentId: string, freed: FreedSlot, seenAt?: number): Promise<AgentRecord | undefined>;
  /** Records the outcome of work outside the queue; only once per task if a task id is given. */
  record(agentId: string, outcome: Outcome, now: number, taskId?: string): Promise<AgentRecord | undefined>;

  /**
   * Agents that have all these capabilities: all of them if there are few, else a sample of about `limit`: random, or
   * the first ones if the sample has to be reproducible. `any` may be a few seconds old.
   */
  capable(requirements: readonly string[], limit: number, which?: 'any' | 'first' | 'fresh'): Promise<Sample>;
  /** Ids of all agents, or of those that have a capability and were seen within the hour, page by page. */
  list(capability: string | undefined, limit: number, cursor: string | undefined): Promise<Page<string>>;
}

/** A slot to free: of a hold that has ended, or of an offer that won nothing. */
export interface FreedSlot {
  taskId: string;
  token: string;
  outcome: Outcome;
  /** The task's requirements, if the outcome counts as evidence for them. */
  requirements?: readonly string[];
}

export interface Registration {
  id: string;
  capabilities: readonly string[];
  maximum: number;
  metadata?: AgentProfile['metadata'];
  /** The process that registers, if it names an instance. */
  instance?: Instance | undefined;
}

/**
 * Messages of the ready queue. They are only wake-ups: losing, repeating or delaying one costs time, never correctness.
 */
export type WakeUp = { task_id: string } | { agent_id: string };

export interface WakeUps {
  /** @param delayMs delay before delivery, at most 15 min */
  send(wakeUps: readonly { wakeUp: WakeUp; delayMs?: number }[]): Promise<void>;
}

/** Counts changes as the stream reports them. */
export interface Counting {
  /**
   * Adds a batch of changes exactly once, however often it is repeated.
   * @returns the counts after it, if this call added it
   */
  add(batch: CountedBatch): Promise<QueueCounters | undefined>;
  /** Open tasks of an added batch that are in no count yet, and the recount that must mark them so that they are. */
  uncounted(changes: CountedBatch['changes']): { ids: string[]; recount: number };
}

export interface Statistics {
  queue(): Promise<QueueCounters>;
  /**
   * The counts, and the counts of each of the last 60 minutes, oldest first; the last minute is still running. At most
   * 5 read units.
   */
  lastHour(): Promise<{ counts: QueueCounters; minutes: Minute[] }>;
  /**
   * Number of open tasks, or undefined if the counts are in doubt. At most a second old, or half a minute if far from
   * `near`.
   */
  openTasks(near: number): Promise<number | undefined>;
  /** Deletes the data of expired shards. */
  prune(now: number): Promise<void>;
}

/** A recount of open tasks in progress. */
export interface Recount extends CountRule {
  begunAt: number;
}

/** The progress of a recount. */
export interface RecountPlace {
  /** The list that it is reading, and the position to continue after. */
  list: string;
  after?: string;
  /** Number of tasks marked so far. */
  marked: number;
}

/**
 * Recounts of open tasks. During one, every change is counted twice: in the counts that are shown, and in new counts,
 * which include only tasks that the recount has marked or that are newer than it.
 */
export interface Recounts {
  /** The number of the last recount that ended, about when it began, and the one in progress. */
  latest(): Promise<{ ended: number; endedSince: number; underWay: Recount | undefined }>;
  /** Begins a recount, or joins the one in progress. */
  begin(): Promise<Recount>;
  place(recount: number): Promise<RecountPlace | undefined>;
  move(recount: number, place: RecountPlace): Promise<void>;
  /**
   * Switches to the new counts if this many marks have been counted.
   * @returns whether they are in use
   */
  end(recount: number, marked: number): Promise<boolean>;
}

/** The kinds of snapshots. */
export interface SnapshotParts {
  fleet: FleetSummary;
  lanes: LaneSummary;
}

export interface Snapshot<Summary> {
  summary: Summary;
  /** When it was made. */
  at: number;
}

/** What the sweep has seen of all agents and all active lanes, at a read cost that does not depend on their number. */
export interface Snapshots {
  /** May be a few seconds older than the latest one. */
  get<Of extends keyof SnapshotParts>(of: Of): Promise<Snapshot<SnapshotParts[Of]> | undefined>;
  put<Of extends keyof SnapshotParts>(of: Of, snapshot: Snapshot<SnapshotParts[Of]>): Promise<void>;
}

export interface CountedBatch {
  /** The shard and sequence number of each change; sequence numbers ascend. */
  shardId: string;
  changes: readonly { sequenceNumber: string; before: TaskRecord | undefined; after: TaskRecord | undefined }[];
}

export interface AccessKeys {
  put(key: AccessKeyRecord): Promise<void>;
  get(id: string): Promise<AccessKeyRecord | undefined>;
  list(limit: number, cursor: string | undefined): Promise<Page<AccessKeyRecord>>;
  /**
   * Revokes a key; keeps the time of the first revocation.
   * @returns undefined if there is no such key
   */
  revoke(id: string, now: number): Promise<AccessKeyRecord | undefined>;
}

/** What happened to a task, for the bus; never its content or result. */
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

/** The format of the stored data, so that an older version refuses data it would misread. */
export interface DataFormat {
  /**
   * Checks once per process that this version understands the stored data.
   * @throws Refusal `unavailable` if a newer version has written it
   */
  check: () => Promise<void>;
  /** Records that this version writes data, unless this version or a newer one is already recorded. */
  record: () => Promise<void>;
}

/** Everything an operation may touch. */
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
  /** Where this runs, by the names people use. */
  deployment: { stage: string; region: string };
  /** Whether an error of a port means that a service lacks capacity or does not respond; a retry may succeed. */
  isUnavailable: (error: unknown) => boolean;
}
