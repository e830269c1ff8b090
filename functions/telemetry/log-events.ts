import type { MiddlewareObj } from '@middy/core';
import { logger } from './logger.ts';
import { named, type Names } from './named.ts';

/**
 * Names the invocation in every line that is logged during it (with cold_start), and logs the error that ends it.
 * @param names what the event is about, which every line names too
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
