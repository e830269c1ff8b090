import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsClient, documents } from '#shared/adapters/aws-clients.ts';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { createKey } from '#shared/contract/keys.ts';
import { addAccessKey } from '#shared/operations/keys/create-key.ts';

const usage = `Makes a key for a deployed Muster, with your own AWS credentials, and prints it once.

  npm run key -- --stage dev --role admin
  npm run key -- --stage dev --role agent --agent-id researcher_bot --name "laptop of Ada" --expires-in-days 90

  --stage            which deployment (the stack Muster-<stage>); default dev
  --role             admin, producer, agent or viewer
  --agent-id         the agent that a key of role agent belongs to
  --name             to recognise it by, later
  --expires-in-days  1 to 3650; without it, the key does not expire

The region is taken from AWS_REGION or your AWS profile.`;

interface Wish {
  stage: string;
  request: ReturnType<typeof createKey.input.parse>;
}

/** @throws Error that names each option that is wrong */
export function readArguments(args: string[]): Wish {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { stage: option, role: option, 'agent-id': option, name: option, 'expires-in-days': option },
  });
  const days = values['expires-in-days'];
  const parsed = createKey.input.safeParse({
    role: values.role,
    agent_id: values['agent-id'],
    name: values.name,
    expires_in_days: days === undefined ? undefined : Number(days),
  });
  if (parsed.success) return { stage: values.stage ?? 'dev', request: parsed.data };
  const wrong = parsed.error.issues.map(({ path, message }) => `--${path.join('-').replaceAll('_', '-')}: ${message}`);
  throw new Error(`${wrong.join('\n')}\n\n${usage}`);
}

/**
 * Makes a key of a deployed stage.
 * @throws Error when the stage is not deployed, and whatever AWS refuses
 */
export async function makeKey(wish: Wish, cloudFormation: CloudFormationClient, dynamoDb: DynamoDBClient) {
  const table = await agentsTableOf(`Muster-${wish.stage}`, cloudFormation);
  const { role, agent_id: agentId, name, expires_in_days: expiresInDays } = wish.request;
  const ports = {
    accessKeys: new DynamoDbAccessKeys(new Table(documents(dynamoDb), table)),
    clock: { now: () => Date.now() },
  };
  return addAccessKey(ports, { role, agentId, name, expiresInDays });
}

/** CloudFormation says itself, in words that need no others, when there is no such stack. */
async function agentsTableOf(stack: string, client: CloudFormationClient): Promise<string> {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const output = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'AgentsTable');
  if (output?.OutputValue === undefined) throw new Error(`The stack ${stack} has no output AgentsTable: is it Muster?`);
  return output.OutputValue;
}

if (import.meta.main) {
  try {
    const wish = readArguments(process.argv.slice(2));
    const { key, ...about } = await makeKey(wish, awsClient(CloudFormationClient), awsClient(DynamoDBClient));
    console.error(`Made ${JSON.stringify(about)}. The key is shown only this once:`);
    console.log(key);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
