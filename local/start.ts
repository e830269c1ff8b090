import { assemble } from './template/assembly.ts';
import { keysOf } from './data/keys.ts';
import type { Keys } from './data/keys.ts';
import { runTemplate } from './run/run-template.ts';
import type { RunningTemplate, RunOptions } from './run/run-template.ts';

export interface StartOptions extends RunOptions {
  /** Settings of the CDK app, as `-c name=value` sets them. */
  settings?: Record<string, string>;
}

/** A running Muster. */
export interface Muster extends RunningTemplate {
  readonly keys: Keys;
  /** Which stored keys no longer worked, and why. */
  readonly keyNotes: readonly string[];
}

/** Starts Muster: synthesizes its template, runs it and makes keys. Throws when something that it needs is missing or taken. */
export async function start(options: StartOptions = {}): Promise<Muster> {
  const running = await runTemplate(() => assemble(options.settings ?? {}), options);
  try {
    const { keys, notes } = await keysOf(running.folder, running.template, running.edge, () => running.clock.now());
    return { ...running, keys, keyNotes: notes };
  } catch (error) {
    await running.stop();
    throw error;
  }
}
