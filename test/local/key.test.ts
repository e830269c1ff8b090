import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DynamoDbAccessKeys } from '#shared/adapters/access-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { authenticate } from '#shared/operations/keys/authenticate.ts';
import { makeKey, readArguments } from '#scripts/make-key.ts';
import { runScript } from '../support/command.ts';
import { clientOf, describeOnEngine } from '../support/dynamodb.ts';
import { createMusterTables } from '../support/muster-tables.ts';

describe('the arguments of npm run key', () => {
  test('set the stage and the properties of the key', () => {
    expect(readArguments(['--role', 'admin'])).toEqual({ stage: 'dev', request: { role: 'admin' } });
    const all =
      '--stage prod --role agent --agent-id bot --capabilities python,sql --max-concurrent-tasks 3 --name Ada --expires-in-days 90'.split(
        ' ',
      );
    expect(readArguments(all)).toEqual({
      stage: 'prod',
      request: {
        role: 'agent',
        agent_id: 'bot',
        capabilities: ['python', 'sql'],
        max_concurrent_tasks: 3,
        name: 'Ada',
        expires_in_days: 90,
      },
    });
  });

  test.each([
    ['', '--role: is missing\n'],
    ['--role root', '--role: must be one of admin, producer, agent, viewer, not "root"\n'],
    ['--role agent', '--agent-id: is required for role agent and not allowed for other roles\n'],
    ['--role admin --agent-id bot', '--agent-id: is required for role agent and not allowed for other roles\n'],
    ['--role admin --expires-in-days soon', '--expires-in-days: must be a whole number, not "soon"\n'],
    ['--role admin --rolle admin', "Unknown option '--rolle'"],
  ])('%j is refused and names what is wrong', (line, wrong) => {
    const read = () => readArguments(line.split(' ').filter((word) => word !== ''));
    expect(read).toThrow(wrong);
    expect(read).toThrow('npm run key -- --stage dev --role admin');
  });

  test('are listed by --help', async () => {
    const help = runScript('scripts/make-key.ts', {}, ['--help']);
    expect(await help.ended()).toBe(0);
    expect(help.printed()).toContain('--expires-in-days');
  });

  test('say where to set the region if AWS has none', async () => {
    const none = { AWS_REGION: undefined, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    const made = runScript('scripts/make-key.ts', none, ['--role', 'admin']);
    expect(await made.ended()).toBe(1);
    expect(made.errors()).toBe('Region is missing. Set AWS_REGION, or one in your AWS profile.\n');
  });
});

describeOnEngine('npm run key', createMusterTables, (context) => {
  /** Implements CloudFormation's protocol for one stack with outputs, which neither engine does. */
  let cloudFormation: Server;
  let client: CloudFormationClient;
  beforeAll(async () => {
    cloudFormation = createServer((_, response) => {
      const output = `<member><OutputKey>AgentsTable</OutputKey><OutputValue>${context.tables.agents}</OutputValue></member>`;
      const stack = `<member><StackName>Muster-dev</StackName><Outputs>${output}</Outputs></member>`;
      const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
      response.end(`<DescribeStacksResponse>${result}</DescribeStacksResponse>`);
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => cloudFormation.once('listening', listening));
    const url = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}`;
    client = new CloudFormationClient(clientOf({ url, token: '' }));
  });
  afterAll(() => {
    client.destroy();
    cloudFormation.close();
  });

  test('creates a working key in the table that the stack names', async () => {
    const { key, key_id } = await makeKey(readArguments(['--role', 'admin']), client, context.client);
    const ports = {
      accessKeys: new DynamoDbAccessKeys(new Table(context.client, context.tables.agents)),
      clock: { now: () => Date.now() },
    };
    expect(await authenticate(ports, `Bearer ${key}`)).toEqual({ keyId: key_id, role: 'admin' });
  });

  test('creates a key in the given table, without the stack', async () => {
    const nowhere = new CloudFormationClient(clientOf({ url: 'http://127.0.0.1:9', token: '' }));
    const wish = readArguments(['--table', context.tables.agents, '--role', 'viewer']);
    expect(await makeKey(wish, nowhere, context.client)).toMatchObject({ role: 'viewer' });
    nowhere.destroy();
  });
});
