import type { SQSRecord } from 'aws-lambda';
import { connect } from '#shared/adapters/connect.ts';
import { hintIn } from '#shared/adapters/hints.ts';
import { routeReadyTasks } from '#shared/reactions/route-ready-tasks.ts';
import { messagePipeline } from './events/record-pipeline.ts';

const ports = connect(process.env);

/** Ready tasks go to the best capable agents. */
export const handler = messagePipeline<{ Records: SQSRecord[] }>(({ Records }) =>
  routeReadyTasks(
    ports,
    Records.map((record) => hintIn(record.body)),
  ),
);
