import type { MiddlewareObj } from '@middy/core';
import { logger } from './logger.ts';
import { named, type Names } from './named.ts';

/**
 * Adds the invocation (with cold_start) to every line logged during it, and logs the error that ends it.
 * @param names what the event is about, also added to every line
 */
export function logEvents<Event = unknown>(names: Names<Event> = () => ({})): MiddlewareObj<Event> {
  return {
    before({ event, context }) {
      logger.resetKeys();
      logger.addContext(context);
      logger.appendKeys({ ...named(names, event) });
    },
    onError({ error }) {
      logger.error('Event failed', { error: error ?? 'unknown' });
    },
  };
}
