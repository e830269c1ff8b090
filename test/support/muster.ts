import { randomUUID } from 'node:crypto';
import { test as base } from 'vitest';
import { start, type Muster } from '#local/start.ts';
import { TestMuster } from './test-muster.ts';

const deployedUrl = process.env['MUSTER_URL'];

/** Settings of the Muster of a file: `test.override('settings', { leaseSeconds: '60' })`. */
const withSettings = base.extend('settings', { scope: 'file' }, (): Record<string, string> => ({}));

/**
 * A scenario test: `muster` speaks HTTP to a Muster that the tests of one file share, in names of its own. With `MUSTER_URL`
 * (and `MUSTER_KEY`, an admin's) it is that one, and tests that need the clock or the host are skipped.
 */
export const test = withSettings
  .extend('local', { scope: 'file' }, async ({ settings }, { onCleanup }): Promise<Muster | undefined> => {
    if (deployedUrl !== undefined) return undefined;
    const local = await start({ quiet: true, schedules: false, settings });
    onCleanup(() => local.stop());
    return local;
  })
  .extend('muster', ({ local, skip }) => {
    const namespace = `t${randomUUID().slice(0, 8)}`;
    if (local) return new TestMuster({ namespace, local, url: local.url, keys: local.keys, skip });
    const admin = process.env['MUSTER_KEY'] ?? '';
    return new TestMuster({
      namespace,
      local,
      url: deployedUrl ?? '',
      keys: { admin, producer: admin, viewer: admin },
      skip,
    });
  });

export { expect } from 'vitest';
