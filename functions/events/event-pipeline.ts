import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logEvents } from '../telemetry/log-events.ts';
import type { Names } from '../telemetry/named.ts';

/**
 * What every event of a rule or schedule passes. An error is logged and thrown on: Lambda repeats the event, and then the
 * function's failure destination gets it.
 * @param names what an event is about
 */
export function eventPipeline<Event>(handle: (event: Event, context: Context) => Promise<void>, names?: Names<Event>) {
  return middy<Event, undefined>()
    .use(logEvents(names))
    .handler(async (event, context) => {
      await handle(event, context);
      return undefined;
    });
}
