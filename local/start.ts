import { startAssembled, type AssembledOptions, type Muster } from './start-assembled.ts';
import { assemble } from './template/assembly.ts';

export type { Muster } from './start-assembled.ts';

export interface StartOptions extends AssembledOptions {
  /** Settings of the CDK app, as `-c name=value` sets them. */
  settings?: Record<string, string>;
  /** Told what takes its time. */
  say?: (step: string) => void;
}

/** Starts Muster: synthesizes its template, runs it and makes keys. Throws when something that it needs is missing or taken. */
export const start = (options: StartOptions = {}): Promise<Muster> =>
  startAssembled(() => assemble(options.settings ?? {}, options.say), options);
