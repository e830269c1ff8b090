import { connectTasks, openTables } from '#shared/adapters/connect.ts';
import { DynamoDbCounting } from '#shared/adapters/counting.ts';
import { countChanges } from '#shared/reactions/count-changes.ts';
import { taskStreamPipeline } from './events/task-stream.ts';
import { measured } from './telemetry/measure-work.ts';

const tables = openTables(process.env);
const ports = connectTasks(process.env, tables);
const counting = measured(new DynamoDbCounting(tables.agents, ports.clock));

/** Counts committed task changes, many at a time. */
export const handler = taskStreamPipeline({
  name: 'count-changes',
  tables,
  clock: ports.clock,
  handle: (batch) => countChanges({ ...ports, counting }, batch),
});
