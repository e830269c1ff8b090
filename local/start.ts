import { startAssembled, type AssembledOptions, type Muster } from './start-assembled.ts';
import { assemble } from './template/assembly.ts';

export type { Muster } from './start-assembled.ts';

export interface StartOptions extends AssembledOptions {
  /** Settings of the CDK app, as with `-c name=value`. */
  settings?: Record<string, string>;
  /** Called with the steps that take time. */
  say?: (step: string) => void;
}

/**
 * Starts Muster: synthesizes its template, runs it and creates keys.
 * @throws if something is missing or in use
 */
export const start = (options: StartOptions = {}): Promise<Muster> =>
  startAssembled(() => assemble(options.settings ?? {}, options.say), options);
