/** Where a client or a running agent logs; `console` is one. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

const nothing = () => undefined;

export const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
