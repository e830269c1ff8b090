import type { MiddlewareObj } from '@middy/core';
import { logger } from './logger.ts';

/** Names the invocation in every line that is logged during it (with cold_start), and logs the error that ends it. */
export function logEvents(): MiddlewareObj {
  return {
    before({ context }) {
      logger.resetKeys();
      logger.addContext(context);
    },
    onError({ error }) {
      logger.error('Event failed', { error: error ?? 'unknown' });
    },
  };
}
