import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AgentRecord, Outcome } from '../domain/agent.ts';
import { times } from '../domain/settings.ts';
import type { Agents, Clock, Random } from '../ports.ts';
import { conditionally, getItems, type Documents } from './dynamodb.ts';
import { agentDirectory, agentKey, idOf, memberPartition } from './item-keys.ts';
import { membersOn } from './members.ts';
import { profilesOn } from './profiles.ts';
import type { Item } from './task-item.ts';

const isRegisteredAgent = 'attribute_exists(registeredAt)';
const isActive = '#state = :active AND attribute_not_exists(hasLeft)';
const hasRoom = 'maximum = :maximum AND size(inbox) <= :room';
const holdsThisOffer = 'inbox.#task = :token';
const wasSeenBefore = 'seenAt < :now';
const wasSeenLater = 'seenAt > :seenAt';

/** The port Agents on the agents table. */
export function agentsOn(client: Documents, table: string, clock: Clock, random: Random): Agents {
  const members = membersOn(client, table, clock, random);
  const profiles = profilesOn(client, table, clock, members);

  async function get(id: string): Promise<AgentRecord | undefined> {
    const answer = await client.send(new GetCommand({ TableName: table, Key: agentKey(id), ConsistentRead: true }));
    return toAgent(answer.Item);
  }

  async function getMany(ids: readonly string[]): Promise<AgentRecord[]> {
    const items = await getItems(client, table, ids.map(agentKey), false);
    const found = new Map(items.map((item) => [idOf(String(item['pk'])), toAgent(item)]));
    return ids.map((id) => found.get(id)).filter((agent) => agent !== undefined);
  }

  const update = (
    id: string,
    expression: string,
    when: string,
    values: Item,
    names: Record<string, string> = {},
    answer: 'ALL_NEW' | 'NONE' = 'ALL_NEW',
  ) =>
    conditionally(() =>
      client.send(
        new UpdateCommand({
          TableName: table,
          Key: agentKey(id),
          UpdateExpression: expression,
          ConditionExpression: when,
          ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
          ExpressionAttributeValues: values,
          ReturnValues: answer,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ),
    );

  return {
    get,

    getMany,

    ...profiles,
    capable: (requirements, limit, which) => members.capable(requirements, limit, which),
    async review(now) {
      for (const agent of await members.review(now, getMany)) await profiles.remember(agent);
    },

    deregister: async (id) => toAgent(await profiles.deregister(id)),

    async setState(id, state) {
      const names = { '#state': 'state' };
      const change = `SET #state = :new${state === 'active' ? ' REMOVE hasLeft' : ''}`;
      const { item } = await update(id, change, isRegisteredAgent, { ':new': state }, names);
      return toAgent(item);
    },

    async leave(id) {
      const { item } = await update(id, 'SET hasLeft = :true', isRegisteredAgent, { ':true': true });
      return toAgent(item);
    },

    async seen(agent, now) {
      if (now - agent.seenAt < times.seenEveryMs) return;
      if (now - agent.seenAt > times.forgottenAfterMs / 2) await profiles.remember(agent);
      await update(agent.id, 'SET seenAt = :now', wasSeenBefore, { ':now': now }, {}, 'NONE');
    },

    async suspect(id, seenAt) {
      await update(id, 'SET seenAt = :seenAt', wasSeenLater, { ':seenAt': seenAt }, {}, 'NONE');
    },

    async offer(agent, tokens, seenAt) {
      const entries = Object.entries(tokens);
      const names: Record<string, string> = { '#state': 'state' };
      const values: Item = {
        ':active': 'active',
        ':maximum': agent.maximum,
        ':room': agent.maximum - entries.length,
        ...(seenAt !== undefined && { ':now': seenAt }),
      };
      entries.forEach(([taskId, token], n) => {
        names[`#t${n}`] = taskId;
        values[`:t${n}`] = token;
      });
      const entriesSet = entries.map((_, n) => `inbox.#t${n} = :t${n}`);
      const entriesFree = entries.map((_, n) => `attribute_not_exists(inbox.#t${n})`);
      const { written, item } = await update(
        agent.id,
        `SET ${[...entriesSet, ...(seenAt === undefined ? [] : ['seenAt = :now'])].join(', ')}`,
        [isActive, hasRoom, ...entriesFree].join(' AND '),
        values,
        names,
      );
      const after = toAgent(item);
      const taken = after !== undefined && entries.every(([taskId, token]) => after.inbox[taskId] === token);
      return (written || taken) && after ? { offered: true, agent: after } : { offered: false, agent: after };
    },

    async freeSlot(agentId, taskId, token, outcome, { requirements = [], seenAt } = {}) {
      const { expression, values, names } = outcomeUpdate(outcome, requirements);
      const sets = `${expression}${seenAt === undefined ? '' : ', seenAt = :now'}`.slice(2);
      const { item } = await update(
        agentId,
        `REMOVE inbox.#task${sets === '' ? '' : ` SET ${sets}`}`,
        holdsThisOffer,
        { ':token': token, ...values, ...(seenAt !== undefined && { ':now': seenAt }) },
        { '#task': taskId, ...names },
      );
      return toAgent(item);
    },

    async record(agentId, outcome, now) {
      const token = random.token();
      const { expression, values } = outcomeUpdate(outcome, []);
      const { written, item } = await update(
        agentId,
        `SET seenAt = :now, recordedBy = :token${expression}`,
        `${isRegisteredAgent} AND (attribute_not_exists(recordedBy) OR recordedBy <> :token)`,
        { ':now': now, ':token': token, ...values },
      );
      // Refused with our own token there: it had been counted, and only the answer was lost.
      return written || item?.['recordedBy'] === token ? toAgent(item) : undefined;
    },

    async list(capability, limit, cursor) {
      const pk = capability === undefined ? agentDirectory : memberPartition(capability);
      const answer = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          Limit: limit,
          ...(cursor !== undefined && { ExclusiveStartKey: { pk, sk: cursor } }),
        }),
      );
      const last = answer.LastEvaluatedKey?.['sk'] as string | undefined;
      const items = (answer.Items ?? []).map(({ sk }) => String(sk).split('#').at(-1) ?? '');
      return { items, ...(last !== undefined && { cursor: last }) };
    },
  };
}

/**
 * What an outcome adds to the record, to be put behind a SET: to the counts of the agent and to the evidence for each
 * capability that it used. Not with ADD, which DynamoDB supports for top-level attributes only.
 */
function outcomeUpdate(outcome: Outcome, requirements: readonly string[]) {
  if (outcome.kind === 'none') return { expression: '', values: {}, names: {} };
  const isSuccess = outcome.kind === 'completed';
  const evidence = isSuccess ? 'successes' : 'failures';
  const add = (path: string, by: string) => `${path} = if_not_exists(${path}, :zero) + ${by}`;
  const counts = isSuccess ? [add('completed', ':one'), add('durationMs', ':duration')] : [add('failed', ':one')];
  return {
    expression: [...counts, ...requirements.map((_, n) => add(`${evidence}.#c${n}`, ':one'))]
      .map((clause) => `, ${clause}`)
      .join(''),
    values: { ':zero': 0, ':one': 1, ...(isSuccess && { ':duration': outcome.durationMs }) },
    names: Object.fromEntries(requirements.map((name, n) => [`#c${n}`, name])),
  };
}

/** The agent that an item holds. */
function toAgent(item: Item | undefined): AgentRecord | undefined {
  if (item?.['registeredAt'] === undefined) return undefined;
  const { pk, sk: _sort, hasLeft, ...fields } = item;
  return {
    completed: 0,
    failed: 0,
    durationMs: 0,
    successes: {},
    failures: {},
    ...fields,
    ...(hasLeft === true && { state: 'draining' }),
    id: idOf(String(pk)),
  } as unknown as AgentRecord;
}
