import { endSignIn, keysOf } from './data/keys.ts';
import type { Keys } from './data/keys.ts';
import { runTemplate } from './run/run-template.ts';
import type { RunningTemplate, RunOptions } from './run/run-template.ts';
import type { Assembly } from './template/cloud-assembly.ts';

export interface AssembledOptions extends RunOptions {
  /** Creates an admin key for the web dashboard, valid for 12 hours or until it stops. */
  dashboard?: boolean;
}

/** A running Muster. */
export interface Muster extends RunningTemplate {
  readonly keys: Keys;
  /** Which stored keys no longer worked, and why. */
  readonly keyNotes: readonly string[];
  /** Opens the web dashboard, signed in with the key created for it. */
  readonly signInLink: string | undefined;
}

/**
 * Runs a cloud assembly and creates keys.
 * @throws if something is missing or in use
 */
export async function startAssembled(assemble: () => Promise<Assembly>, options: AssembledOptions): Promise<Muster> {
  const running = await runTemplate(assemble, options);
  try {
    const { folder, template, edge, clock, url } = running;
    const { dashboard = false } = options;
    const access = { folder, template, edge, now: () => clock.now() };
    const { keys, notes, dashboardKey } = await keysOf({ ...access, dashboard });
    // In the fragment, which browsers never send.
    const signInLink = dashboardKey && `${url}/#key=${dashboardKey.key}`;
    const stop = async () => {
      try {
        if (dashboardKey) await endSignIn(access);
      } finally {
        await running.stop();
      }
    };
    return { ...running, stop, keys, keyNotes: notes, signInLink };
  } catch (error) {
    await running.stop();
    throw error;
  }
}
