import { createHash } from 'node:crypto';
import { callsAtOnce, inBatches } from '../batches.ts';
import type { AgentProfile, AgentRecord, Capabilities } from '../domain/agent.ts';
import { times } from '../domain/settings.ts';
import type { Clock, Member, Random, Sample } from '../ports.ts';
import { memberPartition } from './item-keys.ts';
import { toMember } from './item-readers.ts';
import type { ItemKey, Table, Written } from './table.ts';

const isNotNewer = '#version <= :version';
const isNewMembershipOrNotNewer = `attribute_not_exists(#version) OR ${isNotNewer}`;
const isMembershipAsRead = 'writtenAt = :read';

const anyCapability = '*';
/** The maximum age of a sample. */
const samplesKnownForMs = 5000;
/** The smallest sample worth reading: the agents in a page of one read unit. */
const minSampleSize = 12;

/** The agents whose memberships a review covers. */
interface ReviewedAgents {
  agentsOf: (ids: string[]) => Promise<AgentRecord[]>;
  /** Marks that an agent will be forgotten, unless it was seen since it was read. */
  mark: (agent: AgentRecord) => Promise<boolean>;
}

/**
 * Memberships: one item per capability of an agent, listing all of them, so that the router finds capable agents
 * without reading the agents. They are sorted by a hash, so that starting at a random position gives a fair sample.
 */
export class Members {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly #random: Random;
  /** The last random sample of each capability. */
  readonly #known = new Map<string, Sample & { at: number }>();

  constructor(table: Table, clock: Clock, random: Random) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
  }

  /** Writes the memberships of a profile and removes those no longer in it. A newer version wins. */
  async write(profile: AgentProfile, before: Capabilities): Promise<void> {
    const { id, capabilities, version } = profile;
    const names = [anyCapability, ...Object.keys(capabilities)];
    const gone = Object.keys(before).filter((name) => !Object.hasOwn(capabilities, name));
    // The same time for all of them, because a process that forgets the agent knows only the time of the first.
    const values = { capabilities, version, writtenAt: this.#clock.now() };
    await inBatches(names, callsAtOnce, (name) => this.#put(memberKey(name, id), values));
    await inBatches(gone, callsAtOnce, (name) => this.#remove(memberKey(name, id), version));
    for (const name of [...names, ...gone]) this.#known.delete(name);
  }

  /** Removes the memberships of a profile, unless a newer version has written them. */
  async remove({ id, capabilities, version }: AgentProfile): Promise<void> {
    const names = [anyCapability, ...Object.keys(capabilities)];
    await inBatches(names, callsAtOnce, (name) => this.#remove(memberKey(name, id), version));
  }

  async capable(requirements: readonly string[], limit: number, which: 'any' | 'first' | 'fresh'): Promise<Sample> {
    const names = requirements.length === 0 ? [anyCapability] : requirements;
    const place = which === 'first' ? '0' : this.#randomPlace();
    if (which !== 'any') for (const name of names) this.#known.delete(name);
    const samples = await Promise.all(names.map((name) => this.#sample(name, Math.max(limit, minSampleSize), place)));
    const rarest = samples.reduce((one, other) => (sizeOf(other) < sizeOf(one) ? other : one));
    const has = (member: Member) => requirements.every((name) => Object.hasOwn(member.capabilities, name));
    const isFresh = samples.every((sample) => sample.isFresh);
    return { members: rarest.members.filter(has), isWhole: rarest.isWhole, isFresh };
  }

  /**
   * Each call visits a sixteenth of all agents. Agents unseen for an hour are forgotten; agents whose memberships have
   * an outdated version, because a process died, are returned so that the caller rewrites them. An agent is marked
   * before it is forgotten, so that any process that sees it from then on restores its memberships:
   *
   *     mark IF not seen since read | remove what was read
   *                     seen, sees the mark | write memberships | unmark IF that mark is still there
   */
  async review(now: number, { agentsOf, mark }: ReviewedAgents): Promise<AgentRecord[]> {
    const prefix = (Math.floor(now / 60_000) % 16).toString(16);
    const rows = await this.#table.all(memberPartition(anyCapability), { prefix, consistent: false });
    const members = rows.map((row) => ({ ...toMember(row), writtenAt: Number(row['writtenAt']) }));
    const agents = new Map((await agentsOf(members.map(({ id }) => id))).map((agent) => [agent.id, agent]));
    for (const { id, capabilities, writtenAt } of members) {
      const agent = agents.get(id);
      if (now - Math.max(agent?.seenAt ?? 0, writtenAt) <= times.forgottenAfterMs) continue;
      if (agent && !(await mark(agent))) continue;
      for (const name of [...Object.keys(capabilities), anyCapability])
        await this.#forget(memberKey(name, id), writtenAt);
    }
    const versions = new Map(members.map(({ id, version }) => [id, version]));
    return [...agents.values()].filter(
      (agent) => agent.state !== 'leaving' && agent.profileVersion !== versions.get(agent.id),
    );
  }

  /** Members from a position on, wrapping around at the end. */
  async #sample(capability: string, limit: number, place: string): Promise<Sample> {
    const entry = this.#known.get(capability);
    const now = this.#clock.now();
    const isRecent = entry && entry.at <= now && now - entry.at < samplesKnownForMs;
    if (isRecent && (entry.isWhole || entry.members.length >= limit)) return { ...entry, isFresh: false };
    const behind = await this.#read(capability, place, '~', limit);
    const before =
      behind.length < limit && place !== '0' ? await this.#read(capability, '0', place, limit - behind.length) : [];
    const found = { members: [...behind, ...before], isWhole: behind.length + before.length < limit, isFresh: true };
    if (place === '0') return found;
    if (this.#known.size > 1000) this.#known.clear();
    this.#known.set(capability, { ...found, at: now });
    return found;
  }

  async #read(capability: string, from: string, to: string, limit: number): Promise<Member[]> {
    const items = await this.#table.query({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': memberPartition(capability), ':from': from, ':to': to },
      Limit: limit,
    });
    return items.map(toMember);
  }

  #randomPlace(): string {
    return Math.floor(this.#random.fraction() * 0x10000)
      .toString(16)
      .padStart(4, '0');
  }

  #put(key: ItemKey, values: { capabilities: Capabilities; version: number; writtenAt: number }): Promise<Written> {
    return this.#table.put({
      Item: { ...key, ...values },
      ConditionExpression: isNewMembershipOrNotNewer,
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': values.version },
    });
  }

  #remove(key: ItemKey, version: number): Promise<Written> {
    return this.#table.delete({
      Key: key,
      ConditionExpression: isNotNewer,
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': version },
    });
  }

  /** Keeps a membership that was rewritten since it was read. */
  #forget(key: ItemKey, writtenAt: number): Promise<Written> {
    return this.#table.delete({
      Key: key,
      ConditionExpression: isMembershipAsRead,
      ExpressionAttributeValues: { ':read': writtenAt },
    });
  }
}

/** A partial sample counts as infinitely many. */
const sizeOf = ({ members, isWhole }: Sample) => (isWhole ? members.length : Infinity);

const memberKey = (capability: string, id: string): ItemKey => ({
  pk: memberPartition(capability),
  sk: `${createHash('sha256').update(id).digest('hex').slice(0, 4)}#${id}`,
});
