/** `npm run key`, and the command of the package @musterhq/cdk: creates the first key. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { createKey } from '#shared/contract/keys.ts';
import { Refusal } from '#shared/contract/problem.ts';
import { accessKeyRequest, addAccessKey } from '#shared/operations/keys/create-key.ts';
import { parseInput } from '#shared/wire/input-errors.ts';

const isPackaged = path.basename(process.argv[1] ?? '').startsWith('muster-key');
const begin = isPackaged ? 'npx muster-key --table <agents table>' : 'npm run key -- --stage dev';

const usage = `Creates an API key for a deployed Muster with your AWS credentials and prints it once.

  ${begin} --role admin
  ${begin} --role agent --agent-id researcher_bot --name "Ada's laptop" --expires-in-days 90

  --stage            deployment stage (stack Muster-<stage>); default dev
  --table            name of the table of agents, in place of a stage
  --role             admin, producer, agent or viewer
  --agent-id         agent that the key belongs to; required for role agent
  --capabilities     the only ones that the key may register or learn, for role agent; default: any
  --max-concurrent-tasks  cap of what the key registers, for role agent; default: 100
  --name             label shown in lists
  --expires-in-days  1 to 3650; default: never

The region comes from AWS_REGION or your AWS profile.`;

interface Wish {
  stage: string;
  /** Name of the agents table, if given. */
  table?: string;
  request: ReturnType<typeof createKey.input.parse>;
}

/** @throws Error that names each invalid option */
export function readArguments(args: string[]): Wish {
  const values = optionsOf(args);
  const number = (text: string | undefined) => (text !== undefined && /^\d+$/.test(text) ? Number(text) : text);
  try {
    const request = parseInput(createKey.input, {
      role: values.role,
      agent_id: values['agent-id'],
      capabilities: values.capabilities?.split(','),
      max_concurrent_tasks: number(values['max-concurrent-tasks']),
      name: values.name,
      expires_in_days: number(values['expires-in-days']),
    });
    return { stage: values.stage ?? 'dev', ...(values.table !== undefined && { table: values.table }), request };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const wrong = error.details.errors?.map(
      ({ pointer, message }) => `--${pointer.slice(1).replaceAll('_', '-')}: ${message}`,
    );
    throw new Error(`${wrong?.join('\n')}\n\n${usage}`, { cause: error });
  }
}

function optionsOf(args: string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: {
        stage: option,
        table: option,
        role: option,
        'agent-id': option,
        capabilities: option,
        'max-concurrent-tasks': option,
        name: option,
        'expires-in-days': option,
      },
    }).values;
  } catch (error) {
    throw new Error(`${messageOf(error)}\n\n${usage}`, { cause: error });
  }
}

/**
 * Creates a key for a deployed Muster.
 * @throws Error if the stage is not deployed; errors of AWS
 */
export async function makeKey(wish: Wish, cloudFormation: CloudFormationClient, dynamoDb: DynamoDBClient) {
  const table = wish.table ?? (await agentsTableOf(`Muster-${wish.stage}`, cloudFormation));
  const ports = {
    accessKeys: new DynamoDbAccessKeys(new Table(dynamoDb, table)),
    clock: { now: () => Date.now() },
  };
  return addAccessKey(ports, accessKeyRequest(wish.request));
}

/** CloudFormation's own error is clear if the stack does not exist. */
async function agentsTableOf(stack: string, client: CloudFormationClient): Promise<string> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'AgentsTable');
  if (output?.OutputValue === undefined)
    throw new Error(`The stack ${stack} has no output AgentsTable: check that it is a stack of Muster.`);
  return output.OutputValue;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

if (import.meta.main) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) console.log(usage);
  else await run(args);
}

async function run(args: string[]): Promise<void> {
  try {
    const wish = readArguments(args);
    const { key, ...about } = await makeKey(wish, awsClient(CloudFormationClient), awsClient(DynamoDBClient));
    console.error(`Created ${JSON.stringify(about)}. The key is shown only once:`);
    console.log(key);
  } catch (error) {
    const message = messageOf(error);
    // The AWS SDK does not say where it looked.
    console.error(
      message === 'Region is missing' ? `${message}. Set AWS_REGION, or one in your AWS profile.` : message,
    );
    process.exitCode = 1;
  }
}
