/** The policies allow what a running Muster needs: nothing is refused, and no permission is unused without a reason. */
import { operations, type OperationName } from '#shared/contract/operations.ts';
import type { Operation } from '#shared/contract/operation.ts';
import type { UnusedPart } from '#local/iam/policies.ts';
import { connectMcp } from '../support/mcp.ts';
import { expect, test } from '../support/own-muster.ts';
import { prepare } from '../support/situation.ts';
import type { TestMuster } from '../support/test-muster.ts';

/** Permissions that this run does not use: what needs them, and where that is shown. */
const needed: Record<string, string[]> = {
  'Lambda itself asks on behalf of the function': [
    'publish-changes: dynamodb:ListStreams on *',
    'publish-changes: * on *',
    'count-changes: dynamodb:ListStreams on *',
    'count-changes: * on *',
    'release-dependents: sqs:GetQueueAttributes on EventsReleaseQueue',
    'route-ready-tasks: sqs:GetQueueAttributes on DispatchReadyQueue',
  ],
  'an ended task is replaced by one with its idempotency key: test/engine/retention.test.ts': [
    'api: dynamodb:DeleteItem on StorageTasks',
    'mcp: dynamodb:DeleteItem on StorageTasks',
    'sweep: dynamodb:DeleteItem on StorageTasks',
  ],
  'the name of a lane is a hash, and this process has not read what it requires: test/engine/lanes.test.ts': [
    'api: dynamodb:BatchGetItem on StorageAgents L',
    'mcp: dynamodb:BatchGetItem on StorageAgents L',
    'publish-changes: dynamodb:BatchGetItem on StorageAgents L',
    'publish-changes: StorageAgents on StorageAgents L',
    'publish-changes: L on StorageAgents L',
    'route-ready-tasks: dynamodb:BatchGetItem on StorageAgents L',
    'sweep: dynamodb:BatchGetItem on StorageAgents L',
  ],
  'a lane is used that was unused for an hour, or a day: test/engine/lanes.test.ts': [
    'mcp: dynamodb:UpdateItem on StorageAgents L',
    'mcp: dynamodb:PutItem on StorageAgents LA L#*',
    'route-ready-tasks: dynamodb:UpdateItem on StorageAgents L',
    'route-ready-tasks: dynamodb:PutItem on StorageAgents LA L#*',
    'route-ready-tasks: LA on StorageAgents LA L#*',
    'sweep: dynamodb:UpdateItem on StorageAgents L',
    'sweep: dynamodb:PutItem on StorageAgents LA L#*',
    'sweep: dynamodb:DeleteItem on StorageAgents LA L#*',
    'sweep: L#* on StorageAgents LA L#*',
    'release-dependents: dynamodb:UpdateItem on StorageAgents L',
    'release-dependents: dynamodb:PutItem on StorageAgents LA L#*',
    'release-dependents: StorageAgents on StorageAgents LA L#*',
    'release-dependents: LA on StorageAgents LA L#*',
    'release-dependents: L#* on StorageAgents LA L#*',
  ],
  'an offer was lost, or a message came early: test/engine/routing.test.ts': [
    'route-ready-tasks: sqs:SendMessage on DispatchReadyQueue',
  ],
  'no agent is free for a task that the statistics do not show yet: test/engine/routing.test.ts': [
    'route-ready-tasks: dynamodb:GetItem on StorageAgents S',
    'route-ready-tasks: StorageAgents on StorageAgents S',
    'route-ready-tasks: S on StorageAgents S',
  ],
  'an agent has evidence for too many capabilities: test/engine/agents.test.ts': [
    'publish-changes: dynamodb:GetItem on StorageAgents A#*',
  ],
  'a slot was freed by the publisher: test/engine/outbox.test.ts': [
    'publish-changes: dynamodb:GetItem on StorageAgents S',
    'publish-changes: dynamodb:UpdateItem on StorageAgents A#*',
  ],
  'a record can never be processed: test/functions/stream-pipeline.test.ts': [
    'publish-changes: EventsChangesDeadLetters on DispatchReadyQueue EventsChangesDeadLetters',
    'publish-changes: dynamodb:UpdateItem on StorageAgents S',
    'count-changes: sqs:SendMessage on EventsChangesDeadLetters',
    'count-changes: EventsChangesDeadLetters on EventsChangesDeadLetters',
  ],
  'a release takes longer than its function can: test/scenario/release-drain.test.ts': [
    'release-dependents: sqs:DeleteMessage on EventsReleaseQueue',
    'release-dependents: sqs:SendMessage on EventsReleaseQueue',
  ],
  'a dependency failed, or its event was lost: test/engine/dependents.test.ts': [
    'release-dependents: dynamodb:GetItem on StorageTasks',
    'release-dependents: dynamodb:BatchGetItem on StorageTasks',
    'sweep: dynamodb:GetItem on StorageTasks',
  ],
  'a recount goes on in a later call, or while tasks change: test/engine/recount.test.ts': [
    'count-changes: dynamodb:UpdateItem on StorageTasks',
    'count-changes: StorageTasks on StorageTasks',
    'api: dynamodb:PutItem on StorageAgents S',
  ],
  'the process that submitted a graph died: test/engine/graphs.test.ts': [
    'sweep: dynamodb:Query on StorageTasks',
    'sweep: dynamodb:PutItem on StorageTasks',
  ],
  'the process that registered an agent died: test/engine/profiles.test.ts': [
    'sweep: dynamodb:PutItem on StorageAgents C#*',
  ],
};

const rows: readonly (Operation & { name: OperationName })[] = operations;

async function callEverything(muster: TestMuster): Promise<void> {
  const agent_id = await muster.agent('worker');
  const ended = await muster.create({});
  // More than its completion updates itself.
  const children = await muster.create(Array.from({ length: 11 }, () => ({ dependencies: [ended] })));
  await muster.finish(ended);
  for (const child of children) await muster.until(child, 'pending');

  // Their changes stay separate however many are in a batch: no agent can do the one, and the other is routed.
  await muster.create({ routing: 'auto', requirements: [muster.name('nobody')] });
  await muster.until(await muster.create({ routing: 'auto' }), 'assigned');

  // An agent without an open offer is removed at once.
  const idle = await muster.agent('idle');
  await muster.call('drain_agent', { agent_id: idle });
  await muster.settled();
  await muster.call('deregister_agent', { agent_id: idle });

  const { inputs } = await prepare(muster);
  for (const { name } of rows.filter(({ scope }) => scope !== 'public')) await muster.call(name, inputs[name]);
  await muster.call('query_tasks', { agent_id, status: 'completed' });

  const mcp = await connectMcp({ url: muster.url, key: muster.keys.admin });
  const call = async (tool: string, input: object) => {
    const { isError, content } = await mcp.call(tool, input);
    // A second call may be refused because of what the first changed, but not because of the role.
    if (isError) expect(content[0]?.text).not.toMatch(/unavailable|internal/);
  };
  const registered = muster.name('registered');
  await call('orchestration_register_agent', { agent_id: registered, capabilities: [registered] });
  for (const { name, tool } of rows) if (tool !== undefined) await call(tool, inputs[name]);
  // More than the router can have assigned to it, so that the rest is read from the lanes.
  await call('orchestration_claim_tasks', { agent_id: registered, limit: 5 });
  // As above, what the tools have changed may be offered to it.
  await muster.settled();
  await call('orchestration_deregister_agent', { agent_id: registered });
  await call('orchestration_query_tasks', { agent_id, status: 'completed' });
}

test('the policies allow exactly what the functions need', { timeout: 120_000 }, async ({ muster }) => {
  const { policies, template } = muster.local;
  await callEverything(muster);
  await muster.settled();
  // Leases expire, agents drop out of routing, lanes become dormant, agents are removed.
  for (const time of ['6m', '26h', '31d']) {
    await muster.clock.advance(time);
    await muster.fire('sweep');
    await muster.settled();
  }

  const labelOf = (functionId: string) =>
    template.get('AWS::Lambda::Function', functionId, 'The test').properties.Environment?.Variables[
      'POWERTOOLS_SERVICE_NAME'
    ] ?? functionId;
  const describe = ({ functionId, unused, resources, leadingKeys }: UnusedPart) =>
    `${labelOf(functionId)}: ${shortName(unused)} on ${[...resources, ...leadingKeys].map(shortName).join(' ')}`;
  const unused = policies.unused().filter(({ resources }) => !resources.join().includes(':log-group:'));
  const known = new Set(Object.values(needed).flat());
  expect(unused.map(describe).filter((one) => !known.has(one))).toEqual([]);
});

/** The name of a resource in infra. */
const shortName = (text: string): string =>
  text
    .replace(/^arn:.*(?:table\/|event-bus\/|:)Muster-?local-?Muster/, '')
    .replace(/[0-9A-F]{8}(?=\/|$)/, '')
    .replace(/\/stream\/local$/, '/stream');
