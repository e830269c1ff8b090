import { createHash } from 'node:crypto';
import { awsAnswer, awsError, type AwsAnswer, type AwsCall } from '#local/edge/call.ts';
import type { Intercept } from '#local/edge/edge.ts';
import { workIndex } from '#shared/schema.ts';
import type { Chance } from './random.ts';

/** Faults as on AWS, for `edge.intercept`. `happened` counts how often one occurred. */
export interface Fault {
  hook: Intercept;
  happened: () => number;
}

type Matches = (call: AwsCall) => boolean;

function fault(matches: Matches, strike: (...of: Parameters<Intercept>) => ReturnType<Intercept>): Fault {
  let count = 0;
  return {
    hook(call, next) {
      if (!matches(call)) return next();
      count += 1;
      return strike(call, next);
    },
    happened: () => count,
  };
}

/** A fault that occurs in only this share of the possible calls. */
export const sometimes = (chance: Chance, share: number, { hook, happened }: Fault): Fault => ({
  hook: (call, next) => (chance.happens(share) ? hook(call, next) : next()),
  happened,
});

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
export const isWrite: Matches = ({ service, action }) => service === 'dynamodb' && writes.has(action);
export const isAction =
  (name: string): Matches =>
  ({ action }) =>
    action === name;

/**
 * Loses the response to the first call of each kind on each item, after the call was served, so that the SDK repeats
 * the call.
 */
export function loseFirstAnswers(matches: Matches): Fault {
  const lost = new Set<string>();
  return fault(
    (call) => {
      const name = nameOf(call);
      if (!matches(call) || lost.has(name)) return false;
      lost.add(name);
      return true;
    },
    async (_, next) => {
      await next();
      return undefined;
    },
  );
}

function nameOf({ caller, action, body }: AwsCall): string {
  const { Key, Item, RequestItems, UpdateExpression, ConditionExpression } = body;
  const { pk, sk } = (Key ?? Item ?? {}) as { pk?: unknown; sk?: unknown };
  return JSON.stringify([caller, action, pk, sk, RequestItems, UpdateExpression, ConditionExpression]);
}

/** Refuses each matching call the first `times` times. */
export function refuse(matches: Matches, times: number, answer: AwsAnswer): Fault {
  let left = times;
  return fault(
    (call) => matches(call) && left-- > 0,
    () => Promise.resolve(answer),
  );
}

/**
 * Limits a partition of a table, or of its work index, to this many writes per second and refuses the rest, as DynamoDB
 * does (at 1,000 per second). The partition is named by its key.
 */
export function hotPartition(partition: string, writesPerSecond: number, now = () => performance.now()): Fault {
  const burst = 5;
  let [tokens, at] = [burst, now()];
  const isFull = () => {
    tokens = Math.min(burst, tokens + ((now() - at) * writesPerSecond) / 1000);
    at = now();
    if (tokens < 1) return true;
    tokens -= 1;
    return false;
  };
  return fault(
    (call) => isWrite(call) && partitionsOf(call).includes(partition) && isFull(),
    () => Promise.resolve(awsError('ProvisionedThroughputExceededException', 'The partition is hot.')),
  );
}

/** The partitions that a call names and writes to; not those that an item leaves. */
function partitionsOf({ body }: AwsCall): unknown[] {
  const {
    Key,
    Item,
    RequestItems = {},
    ExpressionAttributeValues: values,
  } = body as {
    Key?: Attributes;
    Item?: Attributes;
    RequestItems?: Record<string, { PutRequest?: { Item: Attributes } }[]>;
    ExpressionAttributeValues?: Attributes;
  };
  const puts = Object.values(RequestItems).flatMap((requests) => requests.map(({ PutRequest }) => PutRequest?.Item));
  const items = [Key, Item, ...puts].flatMap((item) => [item?.['pk']?.S, item?.[workIndex.partition]?.S]);
  return [...items, values?.[`:${workIndex.partition}`]?.S];
}

type Attributes = Record<string, { S?: string } | undefined>;

/** SQS accepts the messages, but nobody ever receives them. */
export const loseMessages = (): Fault =>
  fault(isAction('SendMessageBatch'), ({ body }) => {
    const entries = body['Entries'] as { Id: string; MessageBody: string }[];
    const taken = entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: `lost-${Id}`,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    return Promise.resolve(awsAnswer(200, { Successful: taken, Failed: [] }));
  });

/** Delivers messages twice, as many as each batch has room for. */
export const repeatMessages = (): Fault =>
  fault(isAction('SendMessageBatch'), async ({ body }, next) => {
    const entries = body['Entries'] as { Id: string }[];
    const again = entries.slice(0, 10 - entries.length).map((entry) => ({ ...entry, Id: `again-${entry.Id}` }));
    const answer = await next({ ...body, Entries: [...entries, ...again] });
    const { Successful = [] } = JSON.parse(answer?.body ?? '{}') as { Successful?: { Id: string }[] };
    const asked = new Set(entries.map(({ Id }) => Id));
    return awsAnswer(200, { Successful: Successful.filter(({ Id }) => asked.has(Id)), Failed: [] });
  });

/** EventBridge accepts the events, but no rule ever sees them. */
export const loseEvents = (): Fault =>
  fault(isAction('PutEvents'), ({ body }) => {
    const entries = body['Entries'] as unknown[];
    return Promise.resolve(
      awsAnswer(200, { FailedEntryCount: 0, Entries: entries.map((_, n) => ({ EventId: `lost-${n}` })) }),
    );
  });

/** Each page of stream records is read, and so delivered, twice. */
export function repeatRecords(): Fault {
  const read = new Set<unknown>();
  return fault(isAction('GetRecords'), async ({ body }, next) => {
    const answer = await next();
    const page = JSON.parse(answer?.body ?? '{}') as { Records?: unknown[] };
    const iterator = body['ShardIterator'];
    if (!answer || !page.Records?.length || read.has(iterator)) return answer;
    read.add(iterator);
    return { ...answer, body: JSON.stringify({ ...page, NextShardIterator: iterator }) };
  });
}
