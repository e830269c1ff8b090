import { endSignIn, keysOf } from './data/keys.ts';
import type { Keys } from './data/keys.ts';
import { runTemplate } from './run/run-template.ts';
import type { RunningTemplate, RunOptions } from './run/run-template.ts';
import type { Assembly } from './template/cloud-assembly.ts';

export interface AssembledOptions extends RunOptions {
  /** Makes an admin key for the web dashboard that lasts 12 hours, or until it stops. */
  dashboard?: boolean;
}

/** A running Muster. */
export interface Muster extends RunningTemplate {
  readonly keys: Keys;
  /** Which stored keys no longer worked, and why. */
  readonly keyNotes: readonly string[];
  /** Opens the web dashboard, signed in with the key that was made for it. */
  readonly signInLink: string | undefined;
}

/** Runs a cloud assembly and makes keys. Throws when something that it needs is missing or taken. */
export async function startAssembled(assemble: () => Promise<Assembly>, options: AssembledOptions): Promise<Muster> {
  const running = await runTemplate(assemble, options);
  try {
    const { folder, template, edge, clock, url } = running;
    const { dashboard = false } = options;
    const access = { folder, template, edge, now: () => clock.now() };
    const { keys, notes, dashboardKey } = await keysOf({ ...access, dashboard });
    // In the fragment, which browsers send to nobody.
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
