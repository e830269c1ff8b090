import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput, TableDescription } from '@aws-sdk/client-dynamodb';
import { engineClientSettings, type DynamoDbAddress } from '../engines/dynamodb.ts';
import type { Resource, Template } from '../template/template.ts';

/** ARNs of the engine's streams by table name. */
export type StreamArns = ReadonlyMap<string, string>;

/** The table whose stream a mapping reads: one of the template, or one that the template takes over. */
export function streamedTable(
  template: Template,
  { logicalId, properties }: Resource<'AWS::Lambda::EventSourceMapping'>,
): string {
  const { EventSourceArn: streamArn } = properties;
  const [, takenOver] = /:table\/([^/]+)\/stream\//.exec(streamArn) ?? [];
  return (
    template.find('AWS::DynamoDB::Table', streamArn)?.ref ??
    takenOver ??
    template.get('AWS::DynamoDB::Table', streamArn, logicalId).ref
  );
}

/**
 * Creates missing tables, directly in the engine: CloudFormation's calls are not metered.
 * @throws if an existing table has a different definition, or a table to take over does not exist
 */
export async function createTables(template: Template, engine: DynamoDbAddress): Promise<StreamArns> {
  const client = new DynamoDBClient(engineClientSettings(engine));
  try {
    const streams = await Promise.all(
      template.all('AWS::DynamoDB::Table').map(async (table): Promise<[string, string]> => {
        const known = await describe(client, table.ref);
        if (known) checkSame(table, known);
        const description = known ?? (await create(client, table));
        return [table.ref, description.LatestStreamArn ?? ''];
      }),
    );
    return new Map([...streams, ...(await takenOver(template, client))]);
  } finally {
    client.destroy();
  }
}

/** The streams of tables that the template does not create. */
async function takenOver(template: Template, client: DynamoDBClient): Promise<[string, string][]> {
  const names = template
    .all('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => properties.EventSourceArn.startsWith('arn:aws:dynamodb:'))
    .map((mapping) => streamedTable(template, mapping))
    .filter((name) => template.find('AWS::DynamoDB::Table', name) === undefined);
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const { LatestStreamArn } = (await describe(client, name)) ?? {};
      if (LatestStreamArn === undefined)
        throw new Error(`The template takes over the table ${name}, which does not exist or has no stream.`);
      return [name, LatestStreamArn];
    }),
  );
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(client: DynamoDBClient, table: Resource<'AWS::DynamoDB::Table'>): Promise<TableDescription> {
  const { TimeToLiveSpecification: ttl } = table.properties;
  const { TableDescription = {} } = await client.send(new CreateTableCommand(definitionOf(table)));
  if (ttl) {
    await client.send(new UpdateTimeToLiveCommand({ TableName: table.ref, TimeToLiveSpecification: ttl }));
  }
  return TableDescription;
}

function definitionOf({ ref, properties }: Resource<'AWS::DynamoDB::Table'>): CreateTableCommandInput {
  const { GlobalSecondaryIndexes, StreamSpecification } = properties;
  return {
    TableName: ref,
    KeySchema: properties.KeySchema,
    AttributeDefinitions: properties.AttributeDefinitions,
    BillingMode: properties.BillingMode,
    ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
    ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
  };
}

function checkSame(table: Resource<'AWS::DynamoDB::Table'>, stored: TableDescription): void {
  const wanted = shapeOf(definitionOf(table));
  const found = shapeOf(stored);
  const different = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((part) => wanted[part] !== found[part]);
  if (different.length === 0) return;
  throw new Error(
    `The stored data was created by a different version of Muster: the table ${table.logicalId} differs in ${different.join(', ')}. ` +
      'Use that version, choose another folder with MUSTER_DATA, or remove the folder to start over.',
  );
}

/** The parts of a table's definition that its data depends on, as comparable text. */
function shapeOf(table: CreateTableCommandInput | TableDescription) {
  const keys = (schema: { AttributeName: string | undefined; KeyType: string | undefined }[] = []) =>
    schema.map(({ AttributeName, KeyType }) => `${AttributeName ?? ''} ${KeyType ?? ''}`).join(', ');
  const indexes = (table.GlobalSecondaryIndexes ?? []).map(
    ({ IndexName, KeySchema, Projection }) =>
      `${IndexName ?? ''}: ${keys(KeySchema)} ${Projection?.ProjectionType ?? ''}`,
  );
  const attributes = (table.AttributeDefinitions ?? []).map(
    ({ AttributeName, AttributeType }) => `${AttributeName ?? ''} ${AttributeType ?? ''}`,
  );
  return {
    'its key': keys(table.KeySchema),
    'its indexes': indexes.sort().join('; '),
    'its attributes': attributes.sort().join(', '),
    'its stream': table.StreamSpecification?.StreamViewType ?? 'none',
  };
}
