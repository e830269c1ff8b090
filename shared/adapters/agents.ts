import { isSeenDue, type AgentProfile, type AgentRecord, type Outcome, type Instance } from '../domain/agent.ts';
import { madeAt } from '../domain/offer.ts';
import type {
  Agents,
  Clock,
  FreedSlot,
  Offered,
  OfferOutcome,
  Page,
  Random,
  Registration,
  Sample,
  Turn,
} from '../ports.ts';
import type { Occupant } from '../domain/instance.ts';
import { maxAttempts } from './aws-clients.ts';
import { isInvalid, isUnavailable } from './aws-errors.ts';
import { AgentInstances } from './instances.ts';
import { OutsideWork } from './outside-work.ts';
import { agentDirectory, agentKey, agentsVisitKey, idOf, memberPartition } from './item-keys.ts';
import { toAgent } from './item-readers.ts';
import { Members } from './members.ts';
import { AgentProfiles } from './profiles.ts';
import { pause, type Table, type Written } from './table.ts';
import type { Item } from './task-item.ts';
import { Visit } from './visit.ts';

const isRegisteredAgent = 'attribute_exists(registeredAt)';
const isStaying = `${isRegisteredAgent} AND attribute_not_exists(leavingSince)`;
const isActive = '#state = :active AND attribute_not_exists(hasLeft) AND attribute_not_exists(leavingSince)';
const hasRoom = 'maximum = :maximum AND size(inbox) <= :room';
const isRunByIt = 'instance.id = :instance';
const isRunUnnamed = 'attribute_not_exists(instance)';
const holdsThisOffer = 'inbox.#task = :token';
const wasSeenBefore = 'seenAt < :now';
/** The agent was not removed and registered again since: a delayed try must not count for the new registration. */
const wasRegisteredThen = 'registeredAt <= :then';
const isNotRecordedYet = 'NOT contains(records, :token)';
const isSeenAsRead = 'seenAt = :read';
const wasSeenLaterButNotSince = 'seenAt > :seenAt AND seenAt <= :now';

/** How long after the write of an offer or a freed slot an agent counts as recently written. */
const knownForMs = 5000;

/** The SDK repeats a write without a response for a few seconds. */
const repeatedForMs = 60_000;
const recordsForgottenAtOnce = 8;
/** The maximum clock difference between two processes. */
const clockSkewMs = 1000;

/**
 * The port Agents on the agents table: the agents themselves are handled here, their profiles and memberships in
 * separate classes.
 */
export class DynamoDbAgents implements Agents {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #written = new Map<string, { agent: AgentRecord; at: number }>();
  readonly #members: Members;
  readonly #profiles: AgentProfiles;
  readonly #visit: Visit;
  readonly #instances: AgentInstances;
  readonly #outsideWork: OutsideWork;

  constructor(table: Table, clock: Clock, random: Random) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
    this.#members = new Members(table, clock, random);
    this.#profiles = new AgentProfiles(table, clock, this.#members);
    this.#visit = new Visit(table, agentDirectory, agentsVisitKey);
    this.#instances = new AgentInstances(table);
    // Half of it, because the clock of the process that forgets may be ahead.
    this.#outsideWork = new OutsideWork(table, random, repeatedForMs / 2);
  }

  async get(id: string): Promise<AgentRecord | undefined> {
    return toAgent(await this.#table.get(agentKey(id)));
  }

  async getMany(ids: readonly string[]): Promise<AgentRecord[]> {
    const items = await this.#table.getMany(ids.map(agentKey), false);
    const found = new Map(items.map((item) => [idOf(String(item['pk'])), toAgent(item)]));
    return ids.map((id) => found.get(id)).filter((agent) => agent !== undefined);
  }

  lastWritten(id: string): AgentRecord | undefined {
    return this.#written.get(id)?.agent;
  }

  recentlyWritten(id: string): AgentRecord | undefined {
    const { agent, at = -Infinity } = this.#written.get(id) ?? {};
    const age = this.#clock.now() - at;
    return age >= 0 && age < knownForMs ? agent : undefined;
  }

  #remember(agent: AgentRecord | undefined): AgentRecord | undefined {
    if (this.#written.size > 1000) this.#written.clear();
    if (agent) this.#written.set(agent.id, { agent, at: this.#clock.now() });
    return agent;
  }

  lastKnown(id: string): AgentProfile | undefined {
    return this.#profiles.lastKnown(id);
  }

  profiles(agents: readonly AgentRecord[]): Promise<Map<string, AgentProfile>> {
    return this.#profiles.profiles(agents);
  }

  occupant(id: string): Promise<Occupant | undefined> {
    return this.#instances.occupant(id);
  }

  occupy(id: string, next: Instance | undefined, read: Occupant | undefined, takeover: boolean): Promise<boolean> {
    return this.#instances.occupy(id, next, read, takeover);
  }

  register(agent: Registration, now: number): Promise<AgentRecord | 'too_many'> {
    return this.#profiles.register(agent, now);
  }

  async beginLeaving(id: string, now: number, seenAt?: number): Promise<AgentRecord | undefined> {
    const { written, item } = await this.#update(
      id,
      'SET leavingSince = if_not_exists(leavingSince, :now)',
      seenAt === undefined ? isRegisteredAgent : isSeenAsRead,
      { ':now': now, ...(seenAt !== undefined && { ':read': seenAt }) },
    );
    return written ? toAgent(item) : undefined;
  }

  remove(agent: AgentRecord): Promise<boolean> {
    return this.#profiles.remove(agent);
  }

  learn(id: string, capability: string, confidence: number): Promise<AgentRecord | 'no_agent' | 'too_many'> {
    return this.#profiles.learn(id, capability, confidence);
  }

  async setState(id: string, state: 'active' | 'draining', instance?: string): Promise<AgentRecord | undefined> {
    const names = { '#state': 'state' };
    const change = `SET #state = :new${state === 'active' ? ' REMOVE hasLeft' : ''}`;
    const isMine = instance === undefined ? isStaying : `${isStaying} AND ${isRunByIt}`;
    const values = { ':new': state, ...(instance !== undefined && { ':instance': instance }) };
    const { item } = await this.#update(id, change, isMine, values, names);
    return toAgent(item);
  }

  async leave(id: string, instance?: string): Promise<AgentRecord | undefined> {
    const isMine = instance === undefined ? isRegisteredAgent : `${isRegisteredAgent} AND ${isRunByIt}`;
    const { item } = await this.#update(id, 'SET hasLeft = :true', isMine, {
      ':true': true,
      ...(instance !== undefined && { ':instance': instance }),
    });
    return toAgent(item);
  }

  async seen(agent: AgentRecord, now: number): Promise<void> {
    if (!isSeenDue(agent, now)) return;
    await this.#alive(this.#update(agent.id, 'SET seenAt = :now', wasSeenBefore, { ':now': now }));
  }

  async noteInboxRead(id: string, now: number): Promise<void> {
    await this.#update(id, 'SET inboxReadAt = :now', isRegisteredAgent, { ':now': now }, {}, 'NONE');
  }

  async markUnseen(id: string, seenAt: number, now: number): Promise<void> {
    const values = { ':seenAt': seenAt, ':now': now };
    await this.#update(id, 'SET seenAt = :seenAt', wasSeenLaterButNotSince, values, {}, 'NONE');
  }

  async review(now: number): Promise<void> {
    const outdated = await this.#members.review(now, {
      agentsOf: (ids) => this.getMany(ids),
      mark: (agent) => this.#markForgotten(agent, now),
    });
    for (const agent of outdated) await this.#profiles.restore(agent);
  }

  async nextInTurn(limit: number): Promise<Turn<AgentRecord>> {
    const page = await this.#visit.next(limit);
    return { ...page, items: await this.getMany(page.items.map(({ sk }) => String(sk))) };
  }

  async offer(
    agent: AgentRecord,
    tasks: readonly Offered[],
    seenAt?: number,
    freed?: FreedSlot,
  ): Promise<OfferOutcome> {
    const tried: Record<string, string>[] = [];
    for (;;) {
      const tokens = Object.fromEntries(tasks.map(({ id, timeoutMs }) => [id, this.#random.token(timeoutMs)]));
      tried.push(tokens);
      try {
        const { written, item } = await this.#tryToOffer(agent, tokens, seenAt, freed);
        const after = this.#remember(toAgent(item));
        if (written && freed) await this.#profiles.boundEvidence(item);
        if (written && after) return { offered: true, agent: after, tokens };
        // Refused, but with the tokens of an earlier try in the inbox: that try was stored and only its response was
        // lost.
        const stored = after && tried.find((those) => tasks.every(({ id }) => after.inbox[id] === those[id]));
        return stored ? { offered: true, agent: after, tokens: stored } : { offered: false, agent: after };
      } catch (error) {
        // DynamoDB cannot add this outcome, so the slot cannot be freed along with the offer.
        if (freed && isInvalid(error)) return { offered: false, agent: undefined };
        if (tried.length === maxAttempts || !isUnavailable(error)) throw error;
        await pause(tried.length);
      }
    }
  }

  async #tryToOffer(
    agent: AgentRecord,
    tokens: Readonly<Record<string, string>>,
    seenAt?: number,
    freed?: FreedSlot,
  ): Promise<Written> {
    const entries = Object.entries(tokens);
    const isAsked = seenAt !== undefined;
    const isRunAsRead = agent.instance === undefined ? isRunUnnamed : isRunByIt;
    const freeing = freed && freeingOf(freed);
    const names: Record<string, string> = { '#state': 'state', ...freeing?.names };
    const values: Item = {
      ':active': 'active',
      ':maximum': agent.maximum,
      ':room': agent.maximum - entries.length + (freed ? 1 : 0),
      ...(isAsked && { ':now': seenAt, ...(agent.instance && { ':instance': agent.instance.id }) }),
      ...freeing?.values,
    };
    entries.forEach(([taskId, token], n) => {
      names[`#t${n}`] = taskId;
      values[`:t${n}`] = token;
    });
    const entriesSet = entries.map((_, n) => `inbox.#t${n} = :t${n}`);
    const seen = isAsked ? ['seenAt = :now', ...(freed ? ['workedAt = :now'] : [])] : [];
    const entriesFree = entries.map((_, n) => `attribute_not_exists(inbox.#t${n})`);
    const offering = this.#table.updateOnce(
      agentUpdate(
        agent.id,
        [
          `SET ${[...entriesSet, ...seen, ...(freeing?.sets ?? [])].join(', ')}`,
          ...(freeing ? [freeing.remove] : []),
        ].join(' '),
        [
          isActive,
          hasRoom,
          ...(isAsked ? [isRunAsRead] : []),
          ...entriesFree,
          ...(freeing ? [holdsThisOffer] : []),
        ].join(' AND '),
        values,
        names,
      ),
    );
    return isAsked ? this.#alive(offering) : offering;
  }

  async freeSlot(agentId: string, freed: FreedSlot, seenAt?: number): Promise<AgentRecord | undefined> {
    const { remove, sets, values, names } = freeingOf(freed);
    const all = [...sets, ...(seenAt === undefined ? [] : ['seenAt = :now', 'workedAt = :now'])];
    try {
      const freeing = this.#update(
        agentId,
        `${remove}${all.length === 0 ? '' : ` SET ${all.join(', ')}`}`,
        holdsThisOffer,
        { ...values, ...(seenAt !== undefined && { ':now': seenAt }) },
        names,
      );
      const { item } = await (seenAt === undefined ? freeing : this.#alive(freeing));
      await this.#profiles.boundEvidence(item);
      return this.#remember(toAgent(item));
    } catch (error) {
      if (freed.outcome.kind === 'none' || !isInvalid(error)) throw error;
      // DynamoDB cannot add this outcome; without it, the slot can still be freed and is not lost forever.
      return this.freeSlot(agentId, { ...freed, outcome: { kind: 'none' } }, seenAt);
    }
  }

  async record(agentId: string, outcome: Outcome, now: number, taskId?: string): Promise<AgentRecord | undefined> {
    if (taskId === undefined) return this.#count(agentId, outcome, now, this.#random.token());
    const agent = await this.get(agentId);
    const token = agent && (await this.#outsideWork.tokenFor(agentId, taskId, now));
    return token === undefined ? agent : this.#count(agentId, outcome, now, token);
  }

  /** Counts an outcome under a token, exactly once. */
  async #count(agentId: string, outcome: Outcome, now: number, token: string): Promise<AgentRecord | undefined> {
    const { sets, values } = outcomeUpdate(outcome, []);
    const recording = this.#update(
      agentId,
      `SET ${['seenAt = :now', ...sets].join(', ')} ADD records :tokens REMOVE recordedBy`,
      `${wasRegisteredThen} AND ${isNotRecordedYet}`,
      { ':now': now, ':then': now + clockSkewMs, ':token': token, ':tokens': new Set([token]), ...values },
    );
    const { written, item } = await this.#alive(recording);
    const records = (item?.['records'] ?? new Set()) as ReadonlySet<string>;
    // Refused with the token present: already counted, because only the response was lost or another report was first.
    if (!written && !records.has(token)) return undefined;
    await this.#forgetRecords(agentId, records, now);
    return toAgent(item);
  }

  /** Forgets reports that nobody repeats anymore. */
  async #forgetRecords(id: string, records: ReadonlySet<string>, now: number): Promise<void> {
    const old = [...records].filter((token) => now - madeAt(token) > repeatedForMs);
    if (old.length < recordsForgottenAtOnce) return;
    await this.#update(id, 'DELETE records :old', isRegisteredAgent, { ':old': new Set(old) }, {}, 'NONE');
  }

  capable(requirements: readonly string[], limit: number, which: 'any' | 'first' | 'fresh' = 'any'): Promise<Sample> {
    return this.#members.capable(requirements, limit, which);
  }

  async list(capability: string | undefined, limit: number, cursor: string | undefined): Promise<Page<string>> {
    const partition = capability === undefined ? agentDirectory : memberPartition(capability);
    const page = await this.#table.page(partition, { consistent: false, limit, cursor });
    return { ...page, items: page.items.map(({ sk }) => String(sk).split('#').at(-1) ?? '') };
  }

  /**
   * Every write that records an agent as seen goes through here or through `AgentProfiles`. If routing has forgotten
   * the agent, its memberships are restored. If the process dies before that, the next one to see the agent finds the
   * mark.
   */
  async #alive(write: Promise<Written>): Promise<Written> {
    const outcome = await write;
    await this.#profiles.restoreIfForgotten(outcome.item);
    return outcome;
  }

  /** @returns false if the agent was seen since it was read, and must not be forgotten */
  async #markForgotten({ id, seenAt }: AgentRecord, now: number): Promise<boolean> {
    const values = { ':read': seenAt, ':now': now };
    return (await this.#update(id, 'SET forgottenAt = :now', isSeenAsRead, values, {}, 'NONE')).written;
  }

  #update(...change: Parameters<typeof agentUpdate>): Promise<Written> {
    return this.#table.update(agentUpdate(...change));
  }
}

function agentUpdate(
  id: string,
  expression: string,
  when: string,
  values: Item,
  names: Record<string, string> = {},
  answer: 'ALL_NEW' | 'NONE' = 'ALL_NEW',
): Parameters<Table['update']>[0] {
  return {
    Key: agentKey(id),
    UpdateExpression: expression,
    ConditionExpression: when,
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ExpressionAttributeValues: values,
    ReturnValues: answer,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/** Removes a task from the inbox and counts the outcome. */
function freeingOf({ taskId, token, outcome, requirements = [] }: FreedSlot) {
  const { sets, values, names } = outcomeUpdate(outcome, requirements);
  return {
    remove: 'REMOVE inbox.#task',
    sets,
    values: { ':token': token, ...values },
    names: { '#task': taskId, ...names },
  };
}

/**
 * What an outcome adds to the agent's counts and to the evidence for each required capability, as SET clauses. Not with
 * ADD, which DynamoDB supports only for top-level attributes.
 */
function outcomeUpdate(outcome: Outcome, requirements: readonly string[]) {
  if (outcome.kind === 'none') return { sets: [], values: {}, names: {} };
  const isSuccess = outcome.kind === 'completed';
  const evidence = isSuccess ? 'successes' : 'failures';
  const add = (path: string, by: string) => `${path} = if_not_exists(${path}, :zero) + ${by}`;
  const counts = isSuccess ? [add('completed', ':one'), add('durationMs', ':duration')] : [add('failed', ':one')];
  return {
    sets: [...counts, ...requirements.map((_, n) => add(`${evidence}.#c${n}`, ':one'))],
    values: { ':zero': 0, ':one': 1, ...(isSuccess && { ':duration': outcome.durationMs }) },
    names: Object.fromEntries(requirements.map((name, n) => [`#c${n}`, name])),
  };
}
