import { DynamoDBClient, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { env } from '#shared/env.ts';

const client = new DynamoDBClient({ maxAttempts: 3 });

/** The baseline of creates.ts: a bare function that writes the item in the body of a request. */
export const handler = async ({ body }: { body: string }) => {
  const { item } = JSON.parse(body) as { item: Record<string, AttributeValue> };
  const pk = crypto.randomUUID();
  await client.send(
    new PutItemCommand({
      TableName: process.env[env.tasksTable],
      Item: { ...item, pk: { S: pk } },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  return { statusCode: 201, body: JSON.stringify({ task_id: pk }) };
};
