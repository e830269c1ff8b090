import { createHash } from 'node:crypto';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AgentProfile, AgentRecord, Capabilities } from '../domain/agent.ts';
import { times } from '../domain/settings.ts';
import type { Clock, Member, Random, Sample } from '../ports.ts';
import { conditionally, queryAll, type Documents } from './dynamodb.ts';
import { memberPartition } from './item-keys.ts';
import type { Item } from './task-item.ts';

const isNotNewer = '#version <= :version';
const isNewMembershipOrNotNewer = `attribute_not_exists(#version) OR ${isNotNewer}`;
const isMembershipAsRead = 'writtenAt = :read';

const everyone = '*';
/** How old a sample may be. */
const samplesKnownForMs = 5000;
/** The smallest sample worth a read: what one page of one read unit holds. */
const minSampleSize = 12;

export type Members = ReturnType<typeof membersOn>;

/**
 * Memberships: one item for each capability of an agent, which names them all, so that the router finds the capable agents
 * without reading any. They are sorted by a hash, so that a random place in it gives a fair sample.
 */
export function membersOn(client: Documents, table: string, clock: Clock, random: Random) {
  const known = new Map<string, Sample & { at: number }>();

  const key = (capability: string, id: string) => ({ pk: memberPartition(capability), sk: memberSort(id) });

  async function read(capability: string, from: string, to: string, limit: number): Promise<Member[]> {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': memberPartition(capability), ':from': from, ':to': to },
        Limit: limit,
      }),
    );
    return (answer.Items ?? []).map(toMember);
  }

  /** Members from a place on, and around the end from the beginning. */
  async function sample(capability: string, limit: number, place: string): Promise<Sample> {
    const name = `${capability} ${place === '0' ? 'first' : 'any'}`;
    const entry = known.get(name);
    const now = clock.now();
    const isRecent = entry && entry.at <= now && now - entry.at < samplesKnownForMs;
    if (isRecent && (entry.isWhole || entry.members.length >= limit)) return entry;
    const behind = await read(capability, place, '~', limit);
    const before =
      behind.length < limit && place !== '0' ? await read(capability, '0', place, limit - behind.length) : [];
    const found = { members: [...behind, ...before], isWhole: behind.length + before.length < limit, at: now };
    if (known.size > 1000) known.clear();
    known.set(name, found);
    return found;
  }

  return {
    /** Writes the memberships of a profile and removes those that it had and has no more. A newer version wins. */
    async write(profile: AgentProfile, before: Capabilities): Promise<void> {
      const { id, capabilities, version } = profile;
      const names = [everyone, ...Object.keys(capabilities)];
      const gone = Object.keys(before).filter((name) => !Object.hasOwn(capabilities, name));
      // One time for all of them: whoever forgets the agent knows only that of the first.
      const values = { capabilities, version, writtenAt: clock.now() };
      await Promise.all([
        ...names.map((name) => put(key(name, id), values)),
        ...gone.map((name) => remove(key(name, id), version)),
      ]);
      for (const name of [...names, ...gone]) forgetSamples(name);
    },

    /** Removes the memberships of a profile, unless a newer version has written them. */
    async remove({ id, capabilities, version }: AgentProfile): Promise<void> {
      await Promise.all([everyone, ...Object.keys(capabilities)].map((name) => remove(key(name, id), version)));
    },

    async capable(
      requirements: readonly string[],
      limit: number,
      which: 'any' | 'first' | 'fresh' = 'any',
    ): Promise<Sample> {
      const names = requirements.length === 0 ? [everyone] : requirements;
      const place = which === 'first' ? '0' : randomPlace();
      if (which === 'fresh') for (const name of names) forgetSamples(name);
      const samples = await Promise.all(names.map((name) => sample(name, Math.max(limit, minSampleSize), place)));
      const rarest = samples.reduce((one, other) => (sizeOf(other) < sizeOf(one) ? other : one));
      const has = (member: Member) => requirements.every((name) => Object.hasOwn(member.capabilities, name));
      return { members: rarest.members.filter(has), isWhole: rarest.isWhole };
    },

    /**
     * Each call visits one of 16 parts of all agents: those that have not been seen for an hour are forgotten, and those whose
     * memberships are not of their present version, because a process died in between, are written again.
     */
    async review(now: number, agentsOf: (ids: string[]) => Promise<AgentRecord[]>): Promise<AgentRecord[]> {
      const part = (Math.floor(now / 60_000) % 16).toString(16);
      const rows = await queryAll(client, table, memberPartition(everyone), false, part);
      const agents = new Map((await agentsOf(rows.map((row) => toMember(row).id))).map((agent) => [agent.id, agent]));
      for (const row of rows) {
        const { id, capabilities } = toMember(row);
        const seenAt = Math.max(agents.get(id)?.seenAt ?? 0, Number(row['writtenAt']));
        if (now - seenAt <= times.forgottenAfterMs) continue;
        for (const name of [...Object.keys(capabilities), everyone]) await forget(key(name, id), row['writtenAt']);
      }
      const versions = new Map(rows.map(toMember).map(({ id, version }) => [id, version]));
      return [...agents.values()].filter((agent) => agent.profileVersion !== versions.get(agent.id));
    },
  };

  function forgetSamples(capability: string): void {
    known.delete(`${capability} any`);
    known.delete(`${capability} first`);
  }

  function randomPlace(): string {
    return Math.floor(random.fraction() * 0x10000)
      .toString(16)
      .padStart(4, '0');
  }

  function put(Key: Item, values: { capabilities: Capabilities; version: number; writtenAt: number }) {
    return conditionally(() =>
      client.send(
        new PutCommand({
          TableName: table,
          Item: { ...Key, ...values },
          ConditionExpression: isNewMembershipOrNotNewer,
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': values.version },
        }),
      ),
    );
  }

  function remove(Key: Item, version: number) {
    return conditionally(() =>
      client.send(
        new DeleteCommand({
          TableName: table,
          Key,
          ConditionExpression: isNotNewer,
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': version },
        }),
      ),
    );
  }

  /** A membership that was written since it was read stays. */
  function forget(Key: Item, writtenAt: unknown) {
    return conditionally(() =>
      client.send(
        new DeleteCommand({
          TableName: table,
          Key,
          ConditionExpression: isMembershipAsRead,
          ExpressionAttributeValues: { ':read': writtenAt },
        }),
      ),
    );
  }
}

/** A sample that is not whole is one of many. */
const sizeOf = ({ members, isWhole }: Sample) => (isWhole ? members.length : Infinity);

const memberSort = (id: string) => `${createHash('sha256').update(id).digest('hex').slice(0, 4)}#${id}`;

const toMember = (item: Item): Member => ({
  id: String(item['sk']).split('#')[1] ?? '',
  capabilities: item['capabilities'] as Capabilities,
  version: Number(item['version']),
});
