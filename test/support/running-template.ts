import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from 'vitest';
import { runTemplate, type RunningTemplate, type RunOptions } from '#local/run/run-template.ts';
import { TinyTemplate } from './tiny-template.ts';

/** A test with its own template, which is stopped at the end of the test. */
export const test = base.extend<{
  /** A data folder that two runs can share. */
  data: string;
  tiny: TinyTemplate;
  run: (options?: RunOptions) => Promise<RunningTemplate>;
}>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the dependencies of a fixture from this pattern
  data: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-data-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  // eslint-disable-next-line no-empty-pattern -- as above
  tiny: async ({}, use) => {
    const tiny = new TinyTemplate();
    // Every template has an API, even if the test is about something else.
    tiny.function('Hello', `return 'hello';`).route('GET /hello', 'Hello');
    await use(tiny);
    tiny.remove();
  },
  run: async ({ tiny }, use) => {
    const running: RunningTemplate[] = [];
    await use(async (options) => {
      const one = await runTemplate(() => Promise.resolve(tiny.assembly()), {
        quiet: true,
        schedules: false,
        ...options,
      });
      running.push(one);
      return one;
    });
    for (const one of running) await one.stop();
  },
});
