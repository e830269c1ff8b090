import type { Context } from 'aws-lambda';
import { connect } from '#shared/adapters/connect.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { eventPipeline } from './events/event-pipeline.ts';
import { logger } from './telemetry/logger.ts';

const ports = connect(process.env);

/** What is left to do by then fits into the time that a page takes. */
const reserveMs = 10_000;

/** Every minute: what time has made due, and what lost messages have left behind. */
export const handler = eventPipeline<unknown>(async (_event, context: Context) => {
  const failures = await sweep(ports, () => context.getRemainingTimeInMillis() > reserveMs);
  for (const { part, error } of failures) logger.error('Part of the sweep failed', { part, error: error as Error });
  if (failures.length > 0)
    throw new Error(`${failures.length} parts of the sweep failed, the first was ${failures[0]?.part}.`);
});
