import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AgentProfile, AgentRecord, Capabilities } from '../domain/agent.ts';
import { limits } from '../contract/limits.ts';
import type { Agents, Clock, Registration } from '../ports.ts';
import { conditionally, getItems, type Documents } from './dynamodb.ts';
import { agentDirectory, agentKey, idOf, profileKey } from './item-keys.ts';
import type { Members } from './members.ts';
import type { Item } from './task-item.ts';

const isTheVersionRead = '#version = :read';
const isFirst = 'attribute_not_exists(#version)';
const isNewProfileOrNotNewer = `${isFirst} OR #version <= :version`;
const hasProfile = 'attribute_exists(registeredAt)';
const hasNoNewerProfile = 'attribute_not_exists(profileVersion) OR profileVersion <= :version';

const hasTooMany = (capabilities: Capabilities) => Object.keys(capabilities).length > limits.capabilities;

type Profiles = Pick<Agents, 'lastKnown' | 'profiles' | 'register' | 'learn'> & {
  /** @returns the item of the agent as it was; undefined if there was none, or it has registered again meanwhile */
  deregister(id: string): Promise<Item | undefined>;
  remember(agent: AgentRecord): Promise<void>;
};

/**
 * What agents can do. A new version is written to the profile, then to the memberships by which the router finds agents,
 * then to the agent: until the last step the router finds memberships whose version is not the agent's, and leaves it out.
 */
export function profilesOn(client: Documents, table: string, clock: Clock, members: Members): Profiles {
  const known = new Map<string, AgentProfile>();

  async function read(id: string): Promise<AgentProfile | undefined> {
    const answer = await client.send(new GetCommand({ TableName: table, Key: profileKey(id), ConsistentRead: true }));
    return toProfile(answer.Item);
  }

  async function putProfile(profile: AgentProfile, readVersion: number | undefined): Promise<boolean> {
    const { id, ...fields } = profile;
    const item = { ...profileKey(id), ...fields, metadata: fields.metadata && JSON.stringify(fields.metadata) };
    const { written } =
      readVersion === undefined
        ? await put(item, isFirst, undefined)
        : await put(item, isTheVersionRead, { ':read': readVersion });
    return written;
  }

  /** Writes the next version that `next` makes of the present one; again when another writer was first. */
  async function change(
    id: string,
    next: (before: AgentProfile | undefined) => Omit<AgentProfile, 'id' | 'version'> | undefined,
  ): Promise<AgentProfile | undefined> {
    const before = await read(id);
    const fields = next(before);
    if (!fields) return undefined;
    // By the clock, so that an agent that was removed and comes again has none of the versions it had.
    const after = { ...fields, id, version: Math.max((before?.version ?? 0) + 1, clock.now()) };
    if (!(await putProfile(after, before?.version))) return change(id, next);
    await members.write(after, before?.capabilities ?? {});
    known.set(id, after);
    return after;
  }

  async function register(agent: Registration, now: number): Promise<'registered' | 'too_many'> {
    const { id, capabilities, maximum, metadata } = agent;
    const profile = await change(id, (before) => {
      const all = { ...learned(before?.capabilities ?? {}), ...declared(capabilities) };
      return hasTooMany(all) ? undefined : { capabilities: all, ...(metadata && { metadata }) };
    });
    if (!profile) return 'too_many';
    const { version } = profile;
    await put({ pk: agentDirectory, sk: id, version }, isNewProfileOrNotNewer, { ':version': version });
    const sets = [
      'maximum = :maximum',
      'seenAt = :now',
      'profileVersion = :version',
      'registeredAt = if_not_exists(registeredAt, :now)',
      'inbox = if_not_exists(inbox, :empty)',
      'successes = if_not_exists(successes, :empty)',
      'failures = if_not_exists(failures, :empty)',
      '#state = if_not_exists(#state, :active)',
    ];
    await conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: agentKey(id),
          UpdateExpression: `SET ${sets.join(', ')} REMOVE hasLeft`,
          ConditionExpression: hasNoNewerProfile,
          ExpressionAttributeNames: { '#state': 'state' },
          ExpressionAttributeValues: {
            ':maximum': maximum,
            ':now': now,
            ':version': version,
            ':empty': {},
            ':active': 'active',
          },
        }),
      ),
    );
    // A deregistration that ran meanwhile has taken the profile away.
    return (await read(id)) ? 'registered' : register(agent, now);
  }

  async function deregister(id: string): Promise<Item | undefined> {
    const profile = await read(id);
    const version = profile?.version ?? Number.MAX_SAFE_INTEGER;
    // First of all, so that whoever registers meanwhile finds it gone at the end and begins again.
    const removed = await remove(profileKey(id), isNewProfileOrNotNewer, version);
    if (!removed.written) return deregister(id);
    known.delete(id);
    const agent = await remove(agentKey(id), hasNoNewerProfile, version);
    await Promise.all([
      profile && members.remove(profile),
      remove({ pk: agentDirectory, sk: id }, isNewProfileOrNotNewer, version),
    ]);
    return agent.written ? agent.item : undefined;
  }

  return {
    lastKnown: (id) => known.get(id),

    async profiles(agents) {
      const outdated = agents.filter((agent) => known.get(agent.id)?.version !== agent.profileVersion);
      const items = await getItems(
        client,
        table,
        outdated.map((agent) => profileKey(agent.id)),
        true,
      );
      if (known.size > 10_000) known.clear();
      for (const profile of items.map(toProfile)) if (profile) known.set(profile.id, profile);
      const found = agents.map((agent) => known.get(agent.id)).filter((profile) => profile !== undefined);
      return new Map(found.map((profile) => [profile.id, profile]));
    },

    register,

    async learn(id, capability, confidence) {
      let refused: 'no_agent' | 'too_many' = 'no_agent';
      const profile = await change(id, (before) => {
        refused = before ? 'too_many' : 'no_agent';
        if (!before) return undefined;
        const capabilities = { ...before.capabilities, [capability]: { confidence, source: 'learned' as const } };
        return hasTooMany(capabilities) ? undefined : { ...before, capabilities };
      });
      if (!profile) return refused;
      const { written, item } = await point(id, profile.version, clock.now());
      return written || item ? 'learned' : 'no_agent';
    },

    deregister,

    async remember(agent) {
      const profile = await read(agent.id);
      if (!profile) return;
      await members.write(profile, {});
      if (profile.version !== agent.profileVersion) await point(agent.id, profile.version);
    },
  };

  /** Lets the agent have a version of its profile, unless it has a newer one. */
  function point(id: string, version: number, seenAt?: number) {
    return conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: agentKey(id),
          UpdateExpression: `SET profileVersion = :version${seenAt === undefined ? '' : ', seenAt = :now'}`,
          ConditionExpression: `${hasProfile} AND profileVersion <= :version`,
          ExpressionAttributeValues: { ':version': version, ...(seenAt !== undefined && { ':now': seenAt }) },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );
  }

  function put(Item: Item, when: string, values: Item | undefined) {
    return conditionally(() =>
      client.send(
        new PutCommand({
          TableName: table,
          Item,
          ConditionExpression: when,
          ExpressionAttributeNames: { '#version': 'version' },
          ...(values && { ExpressionAttributeValues: values }),
        }),
      ),
    );
  }

  function remove(Key: Item, when: string, version: number) {
    return conditionally(() =>
      client.send(
        new DeleteCommand({
          TableName: table,
          Key,
          ConditionExpression: when,
          ...(when.includes('#version') && { ExpressionAttributeNames: { '#version': 'version' } }),
          ExpressionAttributeValues: { ':version': version },
          ReturnValues: 'ALL_OLD',
        }),
      ),
    );
  }
}

const declared = (names: readonly string[]): Capabilities =>
  Object.fromEntries(names.map((name) => [name, { confidence: 1, source: 'declared' as const }]));

const learned = (capabilities: Capabilities): Capabilities =>
  Object.fromEntries(Object.entries(capabilities).filter(([, { source }]) => source === 'learned'));

function toProfile(item: Item | undefined): AgentProfile | undefined {
  if (!item) return undefined;
  const { pk, sk: _sort, metadata, ...fields } = item;
  const parsed = metadata === undefined ? {} : { metadata: JSON.parse(metadata as string) as AgentProfile['metadata'] };
  return { ...fields, ...parsed, id: idOf(String(pk)) } as unknown as AgentProfile;
}
