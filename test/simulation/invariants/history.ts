import type { ItemChange } from '../dynamodb/table.ts';
import { agentIn, graphIn, isHeld, taskIn, type AgentView, type GraphView, type TaskView } from './reader.ts';

/** One hold of a task by an agent, from the write that started it to the one that ended it. */
export interface Hold {
  task: string;
  agent: string;
  offer: string;
  attempt: number;
  takenAt: number;
  outcome?: 'completed' | 'failed' | 'none';
  /** How often its outcome was counted for the agent. */
  counted: number;
  /** The agent was removed with the hold in its inbox, so its outcome cannot be counted. */
  isGone: boolean;
}

export interface TaskChangeView {
  before: TaskView | undefined;
  after: TaskView | undefined;
  at: number;
}

/** The last decision about a graph. */
export interface DecisionView {
  kind: 'cancel' | 'retry';
  at: number;
  /** How many task changes had been written before it. */
  after: number;
}

/** Everything that was ever written about tasks, agents and graphs, in order. */
export class History {
  readonly tasks = new Map<string, TaskView[]>();
  readonly agents = new Map<string, AgentView>();
  readonly graphs = new Map<string, GraphView>();
  readonly decisions = new Map<string, DecisionView>();
  /** When agents were removed, and what they held then. */
  readonly removals = new Map<string, { at: number; inbox: AgentView['inbox'] }>();
  readonly registrations = new Map<string, number>();
  readonly holds = new Map<string, Hold>();
  readonly changes: TaskChangeView[] = [];

  readonly #maximums = new Map<string, number>();
  /** When reports of work outside the queue were counted last, by token. */
  readonly #records = new Map<string, number>();

  /** The largest maximum that the agent ever had, since it keeps what it holds when the maximum is lowered. */
  maximumOf(agent: string): number {
    return this.#maximums.get(agent) ?? 0;
  }

  /**
   * Whether a report of work outside the queue has not been counted for this registration of the agent. What was counted
   * for an earlier one went with it, and is counted again if the agent reports it again.
   * @param agent with the latest time at which it can have sent the report
   */
  isNewRecord(token: string, at: number, { id, seenAt }: Pick<AgentView, 'id' | 'seenAt'>): boolean {
    const countedAt = this.#records.get(token);
    this.#records.set(token, at);
    const registeredAt = this.registrations.get(id) ?? 0;
    return countedAt === undefined || (countedAt < registeredAt && registeredAt <= seenAt);
  }

  task(id: string): TaskView | undefined {
    return this.tasks.get(id)?.at(-1);
  }

  heldBy(agent: string): TaskView[] {
    return [...this.tasks.keys()].flatMap((id) => {
      const task = this.task(id);
      return task && isHeld(task) && task.agent === agent ? [task] : [];
    });
  }

  /** Records a change. Checks use what was recorded before. */
  record({ before, after, at }: ItemChange): void {
    const [old, task] = [taskIn(before), taskIn(after)];
    if (old ?? task) this.#noteTask({ before: old, after: task, at });
    const graph = graphIn(after);
    if (graph) this.#noteGraph(graph, at);
    const [was, agent] = [agentIn(before), agentIn(after)];
    if (agent) {
      this.agents.set(agent.id, agent);
      this.#maximums.set(agent.id, Math.max(agent.maximum, this.maximumOf(agent.id)));
    }
    if (agent && !was) this.registrations.set(agent.id, at);
    if (was && !agent) {
      this.agents.delete(was.id);
      this.removals.set(was.id, { at, inbox: was.inbox });
      for (const offer of Object.values(was.inbox)) this.#markGone(offer);
    }
  }

  #noteGraph(graph: GraphView, at: number): void {
    const { id, decision } = graph;
    const isNew = decision !== undefined && decision.number !== this.graphs.get(id)?.decision?.number;
    if (isNew) this.decisions.set(id, { kind: decision.kind, at, after: this.changes.length });
    this.graphs.set(id, graph);
  }

  #noteTask(change: TaskChangeView): void {
    const { before, after, at } = change;
    this.changes.push(change);
    if (before?.offer !== undefined && isHeld(before) && (!isHeld(after) || after?.offer !== before.offer)) {
      const hold = this.holds.get(before.offer);
      if (hold) hold.outcome = outcomeOf(after, before.offer);
    }
    if (!after) return;
    const versions = this.tasks.get(after.id) ?? [];
    this.tasks.set(after.id, versions);
    versions.push(after);
    const { offer, agent = '', attempt } = after;
    if (offer === undefined || !isHeld(after) || this.holds.has(offer)) return;
    const isGone = !this.agents.has(agent);
    this.holds.set(offer, { task: after.id, agent, offer, attempt, takenAt: at, counted: 0, isGone });
  }

  #markGone(offer: string): void {
    const hold = this.holds.get(offer);
    if (hold) hold.isGone = true;
  }
}

function outcomeOf(after: TaskView | undefined, offer: string): NonNullable<Hold['outcome']> {
  if (after?.status === 'completed' && after.offer === offer) return 'completed';
  const cause = after?.log.find((entry) => entry.offer === offer)?.cause ?? '';
  return ['failed', 'timed_out', 'agent_lost'].includes(cause) ? 'failed' : 'none';
}
