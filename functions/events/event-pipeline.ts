import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { logEvents } from '../telemetry/log-events.ts';
import type { Names } from '../telemetry/named.ts';

/**
 * The pipeline of every function invoked by a rule or schedule. An error is logged and rethrown: Lambda retries the
 * event, and finally sends it to the function's failure destination.
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
