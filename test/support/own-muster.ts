/** Scenario tests that need a Muster of their own; see muster.ts. */
export { expect, testAlone as test } from './muster.ts';
