import { Logger } from '@aws-lambda-powertools/logger';

/** One for a function: an instance handles one event at a time. */
export const logger = new Logger();
