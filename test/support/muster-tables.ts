import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Storage } from '#infra/constructs/storage.ts';

export interface MusterTables {
  tasks: string;
  agents: string;
}

type Definition = Omit<CreateTableCommandInput, 'TableName'>;

/**
 * Creates the two tables as declared in infra, without the rest of the template. Also without expiry: a test that moves
 * its own clock would lose items to the engine's.
 */
export async function createMusterTables(client: DynamoDBClient, prefix: string): Promise<MusterTables> {
  const tables = { tasks: `${prefix}tasks`, agents: `${prefix}agents` };
  definitions ??= synthesized();
  await Promise.all([
    client.send(new CreateTableCommand({ TableName: tables.tasks, ...definitions.tasks })),
    client.send(new CreateTableCommand({ TableName: tables.agents, ...definitions.agents })),
  ]);
  return tables;
}

let definitions: Record<keyof MusterTables, Definition> | undefined;

function synthesized(): Record<keyof MusterTables, Definition> {
  // Validating the template takes longer than most tests; `.ci/run` enables it.
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Tables');
  const settings = { removalPolicy: RemovalPolicy.DESTROY };
  const { tasks, agents } = new Storage(stack, 'Storage', { settings, given: {} });
  const found = Template.fromStack(stack).findResources('AWS::DynamoDB::Table');
  const of = (table: Storage['tasks']) => {
    const id = stack.getLogicalId(table.node.defaultChild as Parameters<Stack['getLogicalId']>[0]);
    return definitionOf(found[id]?.['Properties'] as Properties);
  };
  return { tasks: of(tasks), agents: of(agents) };
}

interface Properties extends Definition {
  StreamSpecification?: { StreamEnabled: undefined; StreamViewType: 'NEW_AND_OLD_IMAGES' };
}

const definitionOf = (table: Properties): Definition => ({
  KeySchema: table.KeySchema,
  AttributeDefinitions: table.AttributeDefinitions,
  GlobalSecondaryIndexes: table.GlobalSecondaryIndexes,
  BillingMode: table.BillingMode,
  ...(table.StreamSpecification && { StreamSpecification: { ...table.StreamSpecification, StreamEnabled: true } }),
});
