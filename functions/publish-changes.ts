import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { awsClient } from '#shared/adapters/aws-clients.ts';
import { connect, openTables, required } from '#shared/adapters/connect.ts';
import { EventBridgeEvents } from '#shared/adapters/events.ts';
import { env } from '#shared/env.ts';
import { publishChanges } from '#shared/reactions/publish-changes.ts';
import { taskStreamPipeline } from './events/task-stream.ts';

const tables = openTables(process.env);
const ports = connect(process.env, tables);
const outbox = {
  ...ports,
  events: new EventBridgeEvents(awsClient(EventBridgeClient), required(process.env, env.busName)),
};

/** The outbox: does what follows from committed task changes. */
export const handler = taskStreamPipeline({
  name: 'publish-changes',
  tables,
  clock: ports.clock,
  handle: (batch) => publishChanges(outbox, batch),
});
