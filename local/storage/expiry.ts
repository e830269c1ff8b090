import { DeleteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { engineClientSettings, type DynamoDbAddress } from '../engines/dynamodb.ts';
import type { Resource, Template } from '../template/template.ts';

const everyMs = 10 * 60_000;

/** Deletes expired items at intervals. Returns a function that stops this. */
export function repeatExpiry(
  template: Template,
  engine: DynamoDbAddress,
  now: () => number,
  warn: (message: string) => void,
) {
  const timer = setInterval(() => {
    deleteExpired(template, engine, now()).catch((error: unknown) => {
      warn(`Deleting expired items failed: ${String(error)}`);
    });
  }, everyMs);
  return (): void => clearInterval(timer);
}

/**
 * Deletes expired items, which no local engine does. As on AWS, it happens late and is not metered; unlike on AWS, the
 * stream records do not show that the service deleted them.
 * @param now epoch milliseconds by the functions' clock
 */
export async function deleteExpired(template: Template, engine: DynamoDbAddress, now: number): Promise<void> {
  const client = new DynamoDBClient(engineClientSettings(engine));
  try {
    for (const table of template.all('AWS::DynamoDB::Table')) await deleteExpiredOf(table, client, now);
  } finally {
    client.destroy();
  }
}

async function deleteExpiredOf(table: Resource<'AWS::DynamoDB::Table'>, client: DynamoDBClient, now: number) {
  const attribute = table.properties.TimeToLiveSpecification?.AttributeName;
  if (attribute === undefined) return;
  const keys = table.properties.KeySchema.map(({ AttributeName }) => AttributeName);
  const expired = {
    ExpressionAttributeNames: { '#ttl': attribute },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1000)) } },
  };
  const pages = paginateScan({ client }, { TableName: table.ref, FilterExpression: '#ttl < :now', ...expired });
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      const Key = Object.fromEntries(keys.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
      // Conditional: an item whose expiry was extended in the meantime stays.
      const command = new DeleteItemCommand({
        TableName: table.ref,
        Key,
        ConditionExpression: '#ttl < :now',
        ...expired,
      });
      await client.send(command).catch(ignoreFailedCondition);
    }
  }
}

function ignoreFailedCondition(error: unknown): void {
  if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
}
