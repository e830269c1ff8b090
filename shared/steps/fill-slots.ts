import { batchesOf, inBatches } from '../batches.ts';
import { isExcluded, slotsUsed, type AgentProfile, type AgentRecord } from '../domain/agent.ts';
import { laneName, type Lane } from '../domain/lane.ts';
import type { HeldTask, TaskRecord } from '../domain/task.ts';
import type { FreedSlot, Ports, ReadyTask } from '../ports.ts';
import { inLaneOrder, laneHeads, lanesAtOnce, maxLanesRead, shuffled } from './lane-heads.ts';
import { withinKb } from './payload-size.ts';
import { takeOffers, type TakeRequest } from './take-offers.ts';

export interface FillOptions extends Pick<TakeRequest, 'by' | 'start' | 'asked'> {
  limit: number;
  /** Include lanes with routing=manual. */
  manual: boolean;
  /** Limit of the combined payload size, in KB. */
  payloadKb: number;
  /** Only tasks of these types; any if absent. */
  taskTypes?: readonly string[] | undefined;
  /** Tasks in no lane that suit the agent; they compete with the heads of the lanes. */
  released?: readonly ReadyTask[];
  /** A slot that already counts as free, and is freed with the first offer. */
  freed?: FreedSlot | undefined;
}

export interface FillResult {
  tasks: HeldTask[];
  /**
   * What happened to the slot to free. Refused: it was already free, or the agent has changed, and no task was taken.
   */
  slot: 'kept' | 'freed' | 'refused';
  /** The agent as it was when it refused an offer and nothing was taken afterwards. */
  refusedBy?: AgentRecord | undefined;
}

/** How many tasks at the head of a lane racing claimers spread over. */
const racingSpread = 8;
/** How many rounds to try for other tasks after losing some to other agents. */
const maxRounds = 4;
/**
 * How many tasks of a lane are read per window if not every ready task suits the agent, and how many windows are read.
 */
const tasksPerWindow = 100;
const maxWindows = 10;

/** The heads of lanes that an agent with this profile can serve. */
export interface Heads {
  profile: AgentProfile;
  lanes: readonly Lane[];
  tasks: readonly ReadyTask[];
}

/**
 * What an agent is likely to get, judging by what this process knows about it; read in parallel with the agent itself.
 */
export async function likelyHeads(ports: Ports, agentId: string, limit: number): Promise<Heads | undefined> {
  const profile = ports.agents.lastKnown(agentId);
  if (!profile) return undefined;
  const lanes = shuffled(ports, await ports.lanes.servable(profile.capabilities)).slice(0, lanesAtOnce);
  return { profile, lanes, tasks: await laneHeads(ports, lanes, limit + racingSpread) };
}

/**
 * Gives an agent the best tasks of the lanes it can serve, up to its free slots.
 * @param heads lane heads that were already read; used first, if the profile has not changed
 */
export async function fillSlots(
  ports: Ports,
  agent: AgentRecord,
  profile: AgentProfile,
  options: FillOptions,
  heads?: Heads,
): Promise<FillResult> {
  const slots = new Slots(ports, agent, options);
  const tried = new Set<string>();
  if (heads?.profile === profile) {
    for (const lane of heads.lanes) tried.add(laneName(lane));
    await slots.fillFrom(heads.lanes, heads.tasks);
    if (slots.slot === 'refused') return slots.filled();
  }
  for (const fresh of [false, true]) {
    const lanes = await ports.lanes.servable(profile.capabilities, { fresh });
    // An agent that serves many lanes tries them in random order until it finds work.
    const untried = lanes.filter((lane) => (options.manual || lane.routing === 'auto') && !tried.has(laneName(lane)));
    const chosen = shuffled(ports, untried).slice(0, maxLanesRead - tried.size);
    for (const lane of chosen) tried.add(laneName(lane));
    for (const some of chosen.length > 0 ? batchesOf(chosen, lanesAtOnce) : [[]]) {
      if (slots.room() > 0) await slots.fillFrom(some);
    }
    if (slots.won.length > 0 || slots.slot === 'refused') break;
  }
  return slots.filled();
}

/** The slots of one agent while they are being filled. */
class Slots {
  readonly won: HeldTask[] = [];
  slot: FillResult['slot'] = 'kept';
  readonly #ports: Ports;
  readonly #options: FillOptions;
  readonly #missed = new Set<string>();
  #agent: AgentRecord;
  #takesNothing = false;
  #refusedBy: AgentRecord | undefined;
  /**
   * Set once some ready tasks do not suit the agent. Lanes do not tell which, so tasks are then read before they are
   * offered.
   */
  #isSelective: boolean;

  constructor(ports: Ports, agent: AgentRecord, options: FillOptions) {
    this.#ports = ports;
    this.#agent = agent;
    this.#options = options;
    this.#isSelective = options.taskTypes !== undefined;
  }

  filled(): FillResult {
    return { tasks: this.won, slot: this.slot, refusedBy: this.#refusedBy };
  }

  room(): number {
    if (this.#takesNothing || this.slot === 'refused') return 0;
    return Math.min(this.#options.limit - this.won.length, this.#agent.maximum - slotsUsed(this.#agent));
  }

  /**
   * Takes tasks in order at first; after a lost race, picks at random among the first few, because competitors see the
   * same order.
   * @param known the heads of the lanes, if they were just read
   */
  async fillFrom(lanes: readonly Lane[], known?: readonly ReadyTask[]): Promise<void> {
    for (let round = 0; round < maxRounds && this.room() > 0; round += 1) {
      const wasSelective = this.#isSelective;
      const ready = await this.#readyTasks(lanes, round === 0 ? known : undefined);
      const first = ready.slice(0, this.room() + racingSpread);
      const chosen = this.#missed.size > 0 ? shuffled(this.#ports, first) : first;
      const tasks = withinKb(chosen.slice(0, this.room()), this.#options.payloadKb);
      if (tasks.length === 0) return;
      await this.#take(tasks);
      if (this.#isSelective && !wasSelective) round = -1;
    }
  }

  async #readyTasks(lanes: readonly Lane[], known?: readonly ReadyTask[]): Promise<ReadyTask[]> {
    const limit = this.room() + racingSpread + this.#missed.size;
    const ready = this.#isSelective
      ? await this.#suitableTasks(lanes)
      : (known ?? (await laneHeads(this.#ports, lanes, limit)));
    const inLanes = new Set(ready.map(({ id }) => id));
    const released = (this.#options.released ?? []).filter(({ id }) => !inLanes.has(id));
    return inLaneOrder([...ready, ...released]).filter((task) => this.#isUntried(task));
  }

  /** The first tasks of the lanes that suit the agent; reads further windows until one has a match. */
  async #suitableTasks(lanes: readonly Lane[]): Promise<ReadyTask[]> {
    const { listings, tasks } = this.#ports;
    let open = lanes.map((lane): { lane: Lane; after?: string } => ({ lane }));
    for (let window = 0; window < maxWindows && open.length > 0; window += 1) {
      const windows = await inBatches(open, lanesAtOnce, async ({ lane, after }) => ({
        lane,
        ready: await listings.lane(lane, tasksPerWindow, after),
      }));
      const untried = windows.flatMap(({ ready }) => ready).filter((task) => this.#isUntried(task));
      const read = await tasks.getMany(untried.map(({ id }) => id));
      const suitable = new Set(read.filter((task) => this.#isSuitable(task)).map(({ id }) => id));
      if (suitable.size > 0) return inLaneOrder(untried.filter(({ id }) => suitable.has(id)));
      open = windows.flatMap(({ lane, ready }) => {
        const last = ready.at(-1);
        return last && ready.length === tasksPerWindow ? [{ lane, after: last.position }] : [];
      });
    }
    return [];
  }

  #isUntried({ id }: ReadyTask): boolean {
    return !this.#missed.has(id) && !Object.hasOwn(this.#agent.inbox, id);
  }

  #isSuitable(task: TaskRecord): boolean {
    return !this.#isExcluded(task) && (this.#options.taskTypes?.includes(task.type) ?? true);
  }

  async #take(tasks: readonly ReadyTask[]): Promise<void> {
    const { by, start, asked } = this.#options;
    const freed = this.slot === 'kept' ? this.#options.freed : undefined;
    const taken = await takeOffers(this.#ports, { agent: this.#agent, tasks, by, start, asked, freed });
    if (freed) this.slot = taken.offered ? 'freed' : 'refused';
    this.#refusedBy = taken.offered ? undefined : taken.agent;
    if (this.slot === 'refused') return;
    const isReplaced = asked && taken.agent?.instance?.id !== this.#agent.instance?.id;
    if (taken.agent?.state !== 'active' || isReplaced) {
      this.#takesNothing = true;
      return;
    }
    if (!taken.offered) {
      // Its inbox has changed since it was read: another process has offered it something.
      this.#agent = taken.agent;
      return;
    }
    this.won.push(...taken.tasks);
    const won = new Set(taken.tasks.map(({ id }) => id));
    const withdrawn = new Set(tasks.map(({ id }) => id).filter((id) => !won.has(id)));
    for (const id of withdrawn) this.#missed.add(id);
    this.#isSelective ||= taken.missed.some((task) => this.#isExcluded(task));
    const inbox = Object.entries(taken.agent.inbox).filter(([id]) => !withdrawn.has(id));
    this.#agent = { ...taken.agent, inbox: Object.fromEntries(inbox) };
  }

  #isExcluded(task: TaskRecord): boolean {
    return isExcluded(this.#agent.id, task, this.#ports.clock.now());
  }
}
