import { randomUUID } from 'node:crypto';
import { test as base } from 'vitest';
import { start, type Muster } from '#local/start.ts';
import { empty, tidy } from './tidy.ts';
import { TestMuster, type TestMusterOptions } from './test-muster.ts';

const deployedUrl = process.env['MUSTER_URL'];

type Context = Pick<TestMusterOptions, 'local' | 'skip'>;

interface Scope {
  onCleanup: (stop: () => Promise<void>) => void;
}

/** A Muster until the end of its scope; none with `MUSTER_URL`, which is used instead. */
// eslint-disable-next-line no-empty-pattern -- vitest reads the dependencies of a fixture from this pattern
async function startLocal({}: object, { onCleanup }: Scope, now?: number) {
  if (deployedUrl !== undefined) return undefined;
  // Tests send more requests at once than a stage admits.
  const options = { quiet: true, schedules: false, warm: false, throttle: false };
  const local = await start({ ...options, ...(now !== undefined && { now }) });
  onCleanup(() => local.stop());
  return local;
}

/** Other test files may already have moved its clock: no test may assume real time. */
// eslint-disable-next-line no-empty-pattern -- as above
const startMoved = ({}: object, scope: Scope) => startLocal({}, scope, Date.now() + 100 * 24 * 3600 * 1000);

function musterOf({ local, skip }: Context): TestMuster {
  const namespace = `t${randomUUID().slice(0, 8)}`;
  if (local) return new TestMuster({ namespace, local, url: local.url, keys: local.keys, skip });
  const admin = process.env['MUSTER_KEY'] ?? '';
  const keys = { admin, producer: admin, viewer: admin };
  return new TestMuster({ namespace, local, url: deployedUrl ?? '', keys, skip });
}

/** A shared Muster, whose clock and sweep no single test may control. */
const untouchable = (local: Muster): Muster => ({
  ...local,
  clock: { ...local.clock, advance: refuseShared },
  edge: { ...local.edge, intercept: refuseShared },
  fire: refuseShared,
});

function refuseShared(): never {
  throw new Error('Other tests use this Muster too. Import test from support/moved-muster.ts.');
}

/**
 * A scenario test: `muster` speaks HTTP to a Muster that all tests of a vitest process share, one after the other. That
 * is safe because every name in a test begins with its own namespace, tasks require the test's own skill by default,
 * nobody can move the clock, run the sweep or inject faults, and a file leaves nothing behind that another file's tests
 * could be given. With `MUSTER_URL` (and `MUSTER_KEY`, an admin's), that Muster is used.
 */
export const test = base
  .extend('started', { scope: 'worker' }, startLocal)
  .extend('local', { scope: 'file' }, ({ started }, { onCleanup }) => {
    if (!started) return undefined;
    onCleanup(() => tidy(musterOf({ local: started, skip: refuseShared })));
    return untouchable(started);
  })
  .extend('muster', ({ local, skip }) => musterOf({ local, skip }));

/**
 * The same with a Muster whose clock the tests move, whose sweep they run and whose calls they disturb: one for all
 * such files of a process, each of which leaves it without agents and open tasks.
 */
export const testMoved = base
  .extend('started', { scope: 'worker' }, startMoved)
  .extend('local', { scope: 'file' }, ({ started }, { onCleanup }) => {
    if (started) onCleanup(() => empty(musterOf({ local: started, skip: refuseShared })));
    return started;
  })
  .extend('muster', ({ local, skip }) => musterOf({ local, skip }));

/**
 * The same with a Muster for one file, whose totals and costs its tests count. With `MUSTER_URL`, tests that need the
 * clock or the host are skipped.
 */
export const testAlone = base
  .extend('local', { scope: 'file' }, startLocal)
  .extend('muster', ({ local, skip }) => musterOf({ local, skip }));

export { expect } from 'vitest';
