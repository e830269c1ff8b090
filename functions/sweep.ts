import type { Context } from 'aws-lambda';
import { connect } from '#shared/adapters/connect.ts';
import { sweep } from '#shared/reactions/sweep.ts';
import { eventPipeline } from './events/event-pipeline.ts';
import { workSummary } from '#shared/steps/work-summary.ts';
import { logger } from './telemetry/logger.ts';
import { measureWork } from './telemetry/measure-work.ts';

const ports = connect(process.env);

/** Time reserved to complete the current page. */
const reserveMs = 10_000;

/** Every minute: handles what is due and what lost messages left undone. */
export const handler = eventPipeline<unknown>(async (_event, context: Context) => {
  const failures = await sweep(ports, () => context.getRemainingTimeInMillis() > reserveMs);
  for (const { part, error } of failures) logger.error('Part of the sweep failed', { part, error: error as Error });
  measureWork(await workSummary(ports));
  if (failures.length > 0)
    throw new Error(`The sweep failed in ${failures.length} parts, first in ${failures[0]?.part}.`);
});
