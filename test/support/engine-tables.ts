import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface ItemsTable {
  name: string;
  streamArn: string;
}

/** A table with a stream and a sparse KEYS_ONLY index: the DynamoDB features that Muster builds on. */
export async function createItemsTable(client: DynamoDBClient, prefix: string): Promise<ItemsTable> {
  const name = `${prefix}items`;
  const { TableDescription: table } = await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'g', 'h'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-group',
          KeySchema: [
            { AttributeName: 'g', KeyType: 'HASH' },
            { AttributeName: 'h', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  return { name, streamArn: table?.LatestStreamArn ?? '' };
}
