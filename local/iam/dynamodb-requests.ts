import type { AwsCall } from '../edge/call.ts';
import { tableOfIterator, tableOfStream } from '../engines/stream-names.ts';
import { arn } from '../template/aws.ts';
import type { AccessRequest } from './role.ts';
import type { Tables } from './tables.ts';

type Item = Record<string, Record<string, unknown> | undefined>;

interface Write {
  Key?: Item;
  Item?: Item;
  TableName?: string;
}

interface Body extends Write {
  IndexName?: string;
  RequestItems?: Record<string, unknown>;
  TransactItems?: Record<string, Write>[];
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
}

/** The IAM actions that a DynamoDB call requires. */
export function dynamoDbRequests({ action, body }: AwsCall, tables: Tables): AccessRequest[] {
  const { TableName, IndexName, RequestItems, TransactItems, ...rest } = body as Body;
  const one = (table: string, item: Item | undefined, name = action): AccessRequest => ({
    action: `dynamodb:${name}`,
    resource: tableArn(table),
    leadingKeys: () => [keyOf(item, table, tables)],
  });
  switch (action) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [one(TableName ?? '', rest.Key ?? rest.Item)];
    case 'Query':
    case 'Scan': {
      const resource = tableArn(TableName ?? '') + (IndexName === undefined ? '' : `/index/${IndexName}`);
      const keys = action === 'Query' && {
        leadingKeys: () => [queriedKey(rest, tables.partitionKey(TableName ?? '', IndexName))],
      };
      return [{ action: `dynamodb:${action}`, resource, ...keys }];
    }
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.entries(RequestItems ?? {}).map(([table, requests]) => ({
        action: `dynamodb:${action}`,
        resource: tableArn(table),
        leadingKeys: () => itemsOf(requests).map((item) => keyOf(item, table, tables)),
      }));
    case 'TransactGetItems':
    case 'TransactWriteItems':
      // Transactions have no action of their own: each item requires its own.
      return (TransactItems ?? []).flatMap((item) =>
        Object.entries(item).map(([kind, { TableName: table = '', Key, Item }]) =>
          one(table, Key ?? Item, kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`),
        ),
      );
    default:
      return [{ action: `dynamodb:${action}`, resource: TableName === undefined ? '*' : tableArn(TableName) }];
  }
}

/** The IAM actions that a DynamoDB Streams call requires. */
export function streamRequests(
  { action, body: { StreamArn, ShardIterator } }: AwsCall,
  tables: Tables,
): AccessRequest[] {
  const table =
    typeof StreamArn === 'string'
      ? tableOfStream(StreamArn)
      : typeof ShardIterator === 'string'
        ? tableOfIterator(ShardIterator)
        : undefined;
  return [{ action: `dynamodb:${action}`, resource: table === undefined ? '*' : tables.streamArn(table) }];
}

const tableArn = (table: string): string => (table.startsWith('arn:') ? table : arn('dynamodb', `table/${table}`));

/** The items in a table's entry of a batch: their keys, or the whole items if they are put. */
function itemsOf(requests: unknown): (Item | undefined)[] {
  if (!Array.isArray(requests)) return (requests as { Keys?: Item[] }).Keys ?? [];
  return (requests as { PutRequest?: Write; DeleteRequest?: Write }[]).map(
    ({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key,
  );
}

const keyOf = (item: Item | undefined, table: string, tables: Tables): string =>
  textOf(item?.[tables.partitionKey(table)]);

/** The value of the only property, which is named by its type. Key values may be strings, numbers or binary. */
const textOf = (value: Record<string, unknown> | undefined): string => {
  const [text] = Object.values(value ?? {});
  return typeof text === 'string' ? text : '';
};

/** `name = :value`, the only form of a condition on a partition key. */
const equalities = /([#\w.-]+)\s*=\s*(:\w+)/g;

/** @throws Error for a condition in any other form: an unrecognized key must not pass */
function queriedKey(
  { KeyConditionExpression: expression = '', ExpressionAttributeNames: names = {}, ...body }: Body,
  partition: string,
): string {
  for (const [, name = '', value = ''] of expression.matchAll(equalities)) {
    if ((names[name] ?? name) === partition) return textOf(body.ExpressionAttributeValues?.[value]);
  }
  throw new Error(
    `no equality with the partition key ${partition} was found in the key condition "${expression}". ` +
      'Write it as `key = :value`, or add what it uses to local/iam/dynamodb-requests.ts.',
  );
}
