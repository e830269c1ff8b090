/** Where a client or a running agent logs; `console` is one. */
export interface Logger {
  /** What goes as it should. */
  debug(message: string): void;
  /** What an agent does: starts, stops. */
  info(message: string): void;
  /** What is tried again, and what is refused. */
  warn(message: string): void;
  /** What went wrong. */
  error(message: string): void;
}

const nothing = () => undefined;

export const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
