import { connect } from '#shared/adapters/connect.ts';
import { wakeUpIn } from '#shared/adapters/wake-up-message.ts';
import { routeReadyTasks } from '#shared/reactions/route-ready-tasks.ts';
import { messagePipeline } from './events/message-pipeline.ts';

const ports = connect(process.env);

/** Assigns ready tasks to the best capable agents. */
export const handler = messagePipeline(
  ({ Records }) =>
    routeReadyTasks(
      ports,
      Records.map((record) => wakeUpIn(record.body)),
    ),
  ({ body }) => wakeUpIn(body),
);
