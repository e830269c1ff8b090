import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  paginateScan,
  UpdateTableCommand,
  type AttributeValue,
  type CreateTableCommandInput,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Edge } from '#local/edge/edge.ts';
import { engineClientSettings, startDynamoDb, type DynamoDbAddress } from '#local/engines/dynamodb.ts';
import { batchesOf } from '#shared/batches.ts';

/** A table at one instant: its keys, indexes and items, without a stream, as AWS restores it. */
export interface Backup {
  definition: TableDescription;
  items: Record<string, AttributeValue>[];
}

const itemsPerWrite = 25;

/** Reads a whole table directly from its engine. */
export function backUp(engine: DynamoDbAddress, tableName: string): Promise<Backup> {
  return withClient(engine, async (client) => {
    const { Table: definition = {} } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    const items: Backup['items'] = [];
    const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
    for await (const page of pages) items.push(...(page.Items ?? []));
    return { definition, items };
  });
}

/**
 * Creates a table from a backup in the data folder of a Muster that is not running yet, as in the runbook: the items
 * first, then the stream, so that no stream record contains them.
 * @param folder the data folder of that Muster
 */
export async function restore(folder: string, tables: Record<string, Backup>): Promise<void> {
  const engine = await startDynamoDb({ folder: `${folder}/dynamodb` });
  try {
    await withClient(engine, async (client) => {
      for (const [name, { definition, items }] of Object.entries(tables)) {
        await client.send(new CreateTableCommand(withoutStream(name, definition)));
        for (const batch of batchesOf(items, itemsPerWrite)) {
          const RequestItems = { [name]: batch.map((Item) => ({ PutRequest: { Item } })) };
          await client.send(new BatchWriteItemCommand({ RequestItems }));
        }
        const { StreamSpecification } = definition;
        if (StreamSpecification) await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
      }
    });
  } finally {
    await engine.stop();
  }
}

/** A gate that can hold up calls to the tables, so that everything read meanwhile is from one instant. */
export function gateOf(edge: Edge) {
  let opened = Promise.resolve();
  let underWay = 0;
  edge.intercept(async ({ service }, next) => {
    if (service !== 'dynamodb') return next();
    await opened;
    underWay += 1;
    try {
      return await next();
    } finally {
      underWay -= 1;
    }
  });
  return {
    /** Runs a function while no call is in progress. */
    async closedFor<T>(run: () => Promise<T>): Promise<T> {
      let open = (): void => undefined;
      opened = new Promise((resolve) => (open = resolve));
      try {
        while (underWay > 0) await new Promise((resolve) => setImmediate(resolve));
        return await run();
      } finally {
        open();
      }
    },
  };
}

function withoutStream(name: string, { KeySchema, AttributeDefinitions, ...rest }: TableDescription) {
  const indexes = rest.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema: keys, Projection }) => {
    return { IndexName, KeySchema: keys, Projection };
  });
  return {
    TableName: name,
    KeySchema,
    AttributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes && indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  } satisfies CreateTableCommandInput;
}

async function withClient<T>(engine: DynamoDbAddress, run: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const client = new DynamoDBClient(engineClientSettings(engine));
  try {
    return await run(client);
  } finally {
    client.destroy();
  }
}
