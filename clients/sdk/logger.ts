/** Where a client or a running agent logs, such as `console`. */
export interface Logger {
  /** Normal operation. */
  debug(message: string): void;
  /** Lifecycle of an agent: starts and stops. */
  info(message: string): void;
  /** Retries and refusals. */
  warn(message: string): void;
  /** Errors. */
  error(message: string): void;
}

const nothing = () => undefined;

export const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
