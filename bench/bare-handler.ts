import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({ maxAttempts: 3 });

/** The baseline of starts.ts: a bare function that writes one item. */
export const handler = async ({ id }: { id: string }) =>
  client.send(new PutItemCommand({ TableName: 'tasks', Item: { pk: { S: id } } }));
