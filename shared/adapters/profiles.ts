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
/** The last step of a change is done: all memberships have this version. */
const hasThisProfile = `profileVersion = :version AND ${isNotLeaving}`;
const isLeavingAsRead = 'leavingSince = :read';
const isStillLeavingEmpty = 'leavingSince = :read AND size(inbox) = :none';
const isForgottenAsRead = 'forgottenAt = :read';

const hasTooMany = (capabilities: Capabilities) => Object.keys(capabilities).length > limits.capabilities;

/**
 * Agent profiles. A new version is written to the profile, then to the memberships by which the router finds agents,
 * then to the agent. Until the last step, the router finds memberships whose version differs from the agent's, and
 * skips the agent.
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
    // A concurrent deregistration has removed the profile.
    return after && (await this.#read(id)) ? after : this.register(agent, now);
  }

  /**
   * Removes a leaving agent. Its own item goes last, so that a repeat after a crash still finds the agent leaving. Each
   * item is deleted only in the version read, so that a concurrent registration loses nothing: if it finds the agent
   * leaving, it ends that first, then writes a version that no deregistration has read; if its profile is removed, it
   * starts over.
   * @returns false if the agent holds something, or has registered or learned since
   */
  async remove({ id, profileVersion, leavingSince }: AgentRecord): Promise<boolean> {
    const profile = await this.#read(id);
    // Read after the profile: the profile of an agent that has registered again since must stay.
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
    // Gone although the write was refused: an earlier try of this very write removed it.
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

  /**
   * Tasks that were force-assigned may require anything: an agent keeps no more evidence than it could have
   * capabilities.
   */
  async boundEvidence(item: Item | undefined): Promise<void> {
    if (namesWithEvidence(item).length <= limits.capabilities) return;
    const profile = await this.#read(idOf(String(item?.['pk'])));
    if (profile) await forgetEvidence(this.#table, profile, item);
  }

  /** Restores the memberships of an agent just recorded as seen, if its item says that it was forgotten. */
  async restoreIfForgotten(item: Item | undefined): Promise<void> {
    const agent = toAgent(item);
    if (agent?.forgottenAt !== undefined && agent.state !== 'leaving') await this.restore(agent);
  }

  /** Rewrites the memberships and clears the mark that the agent was forgotten, unless it was marked again since. */
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

  /** Ends leaving. Some memberships may already have been removed. */
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

  /** Registers the agent with a version of its profile, unless the condition fails. */
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
      // The agent already got the id, unless a deregistration in between has removed all of its items.
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
   * Writes the version that `next` makes of the current one; starts over if another writer was faster.
   * @param confirm called if the next version equals the current one; returns the agent if it and its memberships
   * already have that version, and then nothing else is written
   */
  async #change(
    id: string,
    next: (before: AgentProfile | undefined) => Omit<AgentProfile, 'id' | 'version'> | undefined,
    confirm: (version: number) => Promise<AgentRecord | undefined>,
  ): Promise<{ profile: AgentProfile; confirmed?: AgentRecord } | undefined> {
    const before = await this.#read(id);
    const fields = next(before);
    if (!fields) return undefined;
    const confirmed = before && isSameProfile(before, fields) ? await confirm(before.version) : undefined;
    if (before && confirmed) {
      this.#known.set(id, before);
      return { profile: before, confirmed };
    }
    // From the clock, so that an agent that is removed and registers again never reuses a version.
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

  /** Sets the agent's profile version, unless it has a newer one. */
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

const isSameProfile = (
  before: AgentProfile,
  { capabilities, metadata = {} }: Pick<AgentProfile, 'capabilities' | 'metadata'>,
) =>
  hashOf({ capabilities, metadata }) === hashOf({ capabilities: before.capabilities, metadata: before.metadata ?? {} });

const declared = (names: readonly string[]): Capabilities =>
  Object.fromEntries(names.map((name) => [name, { confidence: 1, source: 'declared' as const }]));

const learned = (capabilities: Capabilities): Capabilities =>
  Object.fromEntries(Object.entries(capabilities).filter(([, { source }]) => source === 'learned'));
