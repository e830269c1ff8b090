import type { AgentProfile, AgentRecord, Capabilities } from '../domain/agent.ts';
import { limits } from '../contract/limits.ts';
import { hashOf } from '../domain/hash.ts';
import type { Clock, Registration } from '../ports.ts';
import { forgetEvidence, namesWithEvidence } from './evidence.ts';
import { agentDirectory, agentKey, idOf, profileKey } from './item-keys.ts';
import { toAgent, toProfile } from './item-readers.ts';
import type { Members } from './members.ts';
import type { ItemKey, Table, Written } from './table.ts';
import type { Item } from './task-item.ts';

const isTheVersionRead = '#version = :read';
const isFirst = 'attribute_not_exists(#version)';
const isNewProfileOrNotNewer = `${isFirst} OR #version <= :version`;
const isNotNewerEntry = '#version <= :version';
const hasOlderProfile = 'profileVersion <= :version';
const isNotLeaving = 'attribute_not_exists(leavingSince)';
const hasNoNewerProfile = `(attribute_not_exists(profileVersion) OR ${hasOlderProfile}) AND ${isNotLeaving}`;
/** The last step of a change is done: everything that routing finds the agent by has this version. */
const hasThisProfile = `profileVersion = :version AND ${isNotLeaving}`;
const isLeavingAsRead = 'leavingSince = :read';
const isStillLeavingEmpty = 'leavingSince = :read AND size(inbox) = :none';
const isForgottenAsRead = 'forgottenAt = :read';

const hasTooMany = (capabilities: Capabilities) => Object.keys(capabilities).length > limits.capabilities;

/**
 * What agents can do. A new version is written to the profile, then to the memberships by which the router finds agents,
 * then to the agent: until the last step the router finds memberships whose version is not the agent's, and leaves it out.
 */
export class AgentProfiles {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #members: Members;
  readonly #known = new Map<string, AgentProfile>();

  constructor(table: Table, clock: Clock, members: Members) {
    this.#table = table;
    this.#clock = clock;
    this.#members = members;
  }

  lastKnown(id: string): AgentProfile | undefined {
    return this.#known.get(id);
  }

  async profiles(agents: readonly AgentRecord[]): Promise<Map<string, AgentProfile>> {
    const outdated = agents.filter((agent) => this.#known.get(agent.id)?.version !== agent.profileVersion);
    const keys = outdated.map((agent) => profileKey(agent.id));
    const read = (await this.#table.getMany(keys, true)).map(toProfile);
    if (this.#known.size > 10_000) this.#known.clear();
    for (const profile of read) this.#known.set(profile.id, profile);
    const found = agents.map((agent) => this.#known.get(agent.id)).filter((profile) => profile !== undefined);
    return new Map(found.map((profile) => [profile.id, profile]));
  }

  async register(agent: Registration, now: number): Promise<AgentRecord | 'too_many'> {
    const { id, capabilities, metadata } = agent;
    const wanted = (before: AgentProfile | undefined) => {
      const all = { ...learned(before?.capabilities ?? {}), ...declared(capabilities) };
      return hasTooMany(all) ? undefined : { capabilities: all, ...(metadata && { metadata }) };
    };
    const changed = await this.#change(id, wanted, async (version) => {
      const { written, item } = await this.#enter(agent, version, hasThisProfile, now);
      return written ? toAgent(item) : undefined;
    });
    if (!changed) return 'too_many';
    if (changed.confirmed) return changed.confirmed;
    const { version } = changed.profile;
    const directoryEntry = { pk: agentDirectory, sk: id, version };
    await this.#put(directoryEntry, isNewProfileOrNotNewer, { ':version': version });
    const { written, item } = await this.#enter(agent, version, hasNoNewerProfile, now);
    if (written) await forgetEvidence(this.#table, changed.profile, item);
    const after = toAgent(item);
    if (after?.leavingSince !== undefined) {
      await this.#stay(after, now);
      return this.register(agent, now);
    }
    // A deregistration that ran meanwhile has taken the profile away.
    return after && (await this.#read(id)) ? after : this.register(agent, now);
  }

  /**
   * Removes an agent that is leaving. Its own item goes last: whoever is repeated after a crash finds the agent still leaving.
   * Each item goes only in the version read, so that nothing of a registration that comes meanwhile is lost: one that finds the
   * agent leaving ends that first, then writes a version that no deregistration has read. One that comes after its profile was removed begins again.
   * @returns false when it holds something, or has registered or learned since
   */
  async remove({ id, profileVersion, leavingSince }: AgentRecord): Promise<boolean> {
    const profile = await this.#read(id);
    // Read after the profile: that of an agent which has registered again since must stay.
    const agent = toAgent(await this.#table.get(agentKey(id)));
    if (agent?.leavingSince !== leavingSince) return agent === undefined;
    const version = profile?.version ?? profileVersion;
    await Promise.all([
      profile && this.#members.remove(profile),
      this.#remove({ pk: agentDirectory, sk: id }, isNotNewerEntry, version),
    ]);
    const removed = await this.#remove(profileKey(id), isNewProfileOrNotNewer, version);
    if (!removed.written) return false;
    this.#known.delete(id);
    const { written, item } = await this.#table.delete({
      Key: agentKey(id),
      ConditionExpression: isStillLeavingEmpty,
      ExpressionAttributeValues: { ':read': leavingSince, ':none': 0 },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    // Gone without an answer: an earlier try of this very write removed it.
    return written || item === undefined;
  }

  async learn(id: string, capability: string, confidence: number): Promise<AgentRecord | 'no_agent' | 'too_many'> {
    let refused: 'no_agent' | 'too_many' = 'no_agent';
    const wanted = (before: AgentProfile | undefined) => {
      refused = before ? 'too_many' : 'no_agent';
      if (!before) return undefined;
      const capabilities = { ...before.capabilities, [capability]: { confidence, source: 'learned' as const } };
      return hasTooMany(capabilities) ? undefined : { ...before, capabilities };
    };
    const now = this.#clock.now();
    const changed = await this.#change(id, wanted, async (version) => {
      const { written, item } = await this.#point(id, version, { seenAt: now, when: hasThisProfile });
      if (written) await this.restoreIfForgotten(item);
      return written ? toAgent(item) : undefined;
    });
    if (!changed) return refused;
    if (changed.confirmed) return changed.confirmed;
    const { item } = await this.#point(id, changed.profile.version, { seenAt: now });
    await this.restoreIfForgotten(item);
    return toAgent(item) ?? 'no_agent';
  }

  /** Tasks that were forced on an agent may require anything: it keeps no more evidence than it could have capabilities. */
  async boundEvidence(item: Item | undefined): Promise<void> {
    if (namesWithEvidence(item).length <= limits.capabilities) return;
    const profile = await this.#read(idOf(String(item?.['pk'])));
    if (profile) await forgetEvidence(this.#table, profile, item);
  }

  /** Restores what routing finds an agent by if the item of the agent, just noted as seen, says that it was forgotten. */
  async restoreIfForgotten(item: Item | undefined): Promise<void> {
    const agent = toAgent(item);
    if (agent?.forgottenAt !== undefined && agent.state !== 'leaving') await this.restore(agent);
  }

  /** Writes again what routing finds the agent by; then it is no longer forgotten, unless that was found once more since. */
  async restore({ id, profileVersion, forgottenAt }: AgentRecord): Promise<void> {
    const profile = await this.#read(id);
    if (!profile) return;
    await this.#members.write(profile, {});
    if (profile.version !== profileVersion) await this.#point(id, profile.version);
    if (forgottenAt === undefined) return;
    await this.#table.update({
      Key: agentKey(id),
      UpdateExpression: 'REMOVE forgottenAt',
      ConditionExpression: isForgottenAsRead,
      ExpressionAttributeValues: { ':read': forgottenAt },
    });
  }

  /** Ends leaving. What routing finds the agent by may have been removed in part. */
  async #stay({ id, leavingSince }: AgentRecord, now: number): Promise<void> {
    await this.#table.update({
      Key: agentKey(id),
      UpdateExpression: 'SET forgottenAt = :now REMOVE leavingSince',
      ConditionExpression: isLeavingAsRead,
      ExpressionAttributeValues: { ':read': leavingSince, ':now': now },
    });
  }

  async #read(id: string): Promise<AgentProfile | undefined> {
    const item = await this.#table.get(profileKey(id));
    return item && toProfile(item);
  }

  /** Lets the agent be registered with a version of its profile, unless the condition does not hold. */
  async #enter({ id, maximum, instance }: Registration, version: number, when: string, now: number): Promise<Written> {
    const sets = [
      'maximum = :maximum',
      'seenAt = :now',
      'profileVersion = :version',
      'registeredAt = if_not_exists(registeredAt, :now)',
      'inbox = if_not_exists(inbox, :empty)',
      'successes = if_not_exists(successes, :empty)',
      'failures = if_not_exists(failures, :empty)',
      '#state = if_not_exists(#state, :active)',
      // It has got the id before this, unless the agent was deregistered in between, with all that was written of it.
      ...(instance ? ['instance = if_not_exists(instance, :instance)'] : []),
    ];
    const entered = await this.#table.update({
      Key: agentKey(id),
      UpdateExpression: `SET ${sets.join(', ')} REMOVE hasLeft`,
      ConditionExpression: when,
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: {
        ':maximum': maximum,
        ':now': now,
        ':version': version,
        ':empty': {},
        ':active': 'active',
        ...(instance && { ':instance': instance }),
      },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (entered.written) await this.restoreIfForgotten(entered.item);
    return entered;
  }

  /**
   * Writes the next version that `next` makes of the present one; again when another writer was first.
   * @param confirm for a next version that says the same as the present one: the agent, if it has that one with all that
   * belongs to it. Then nothing more is written
   */
  async #change(
    id: string,
    next: (before: AgentProfile | undefined) => Omit<AgentProfile, 'id' | 'version'> | undefined,
    confirm: (version: number) => Promise<AgentRecord | undefined>,
  ): Promise<{ profile: AgentProfile; confirmed?: AgentRecord } | undefined> {
    const before = await this.#read(id);
    const fields = next(before);
    if (!fields) return undefined;
    const confirmed = before && saysTheSame(before, fields) ? await confirm(before.version) : undefined;
    if (before && confirmed) {
      this.#known.set(id, before);
      return { profile: before, confirmed };
    }
    // By the clock, so that an agent that was removed and comes again has none of the versions it had.
    const after = { ...fields, id, version: Math.max((before?.version ?? 0) + 1, this.#clock.now()) };
    if (!(await this.#putProfile(after, before?.version))) return this.#change(id, next, confirm);
    await this.#members.write(after, before?.capabilities ?? {});
    this.#known.set(id, after);
    return { profile: after };
  }

  async #putProfile(profile: AgentProfile, readVersion: number | undefined): Promise<boolean> {
    const { id, ...fields } = profile;
    const item = { ...profileKey(id), ...fields, metadata: fields.metadata && JSON.stringify(fields.metadata) };
    const { written } =
      readVersion === undefined
        ? await this.#put(item, isFirst, undefined)
        : await this.#put(item, isTheVersionRead, { ':read': readVersion });
    return written;
  }

  /** Lets the agent have a version of its profile, unless it has a newer one. */
  #point(id: string, version: number, { seenAt, when }: { seenAt?: number; when?: string } = {}): Promise<Written> {
    return this.#table.update({
      Key: agentKey(id),
      UpdateExpression: `SET profileVersion = :version${seenAt === undefined ? '' : ', seenAt = :now'}`,
      ConditionExpression: when ?? hasOlderProfile,
      ExpressionAttributeValues: { ':version': version, ...(seenAt !== undefined && { ':now': seenAt }) },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  }

  #put(item: Item, when: string, values: Item | undefined): Promise<Written> {
    return this.#table.put({
      Item: item,
      ConditionExpression: when,
      ExpressionAttributeNames: { '#version': 'version' },
      ...(values && { ExpressionAttributeValues: values }),
    });
  }

  #remove(key: ItemKey, when: string, version: number): Promise<Written> {
    return this.#table.delete({
      Key: key,
      ConditionExpression: when,
      ...(when.includes('#version') && { ExpressionAttributeNames: { '#version': 'version' } }),
      ExpressionAttributeValues: { ':version': version },
      ReturnValues: 'ALL_OLD',
    });
  }
}

const saysTheSame = (
  before: AgentProfile,
  { capabilities, metadata = {} }: Pick<AgentProfile, 'capabilities' | 'metadata'>,
) =>
  hashOf({ capabilities, metadata }) === hashOf({ capabilities: before.capabilities, metadata: before.metadata ?? {} });

const declared = (names: readonly string[]): Capabilities =>
  Object.fromEntries(names.map((name) => [name, { confidence: 1, source: 'declared' as const }]));

const learned = (capabilities: Capabilities): Capabilities =>
  Object.fromEntries(Object.entries(capabilities).filter(([, { source }]) => source === 'learned'));
