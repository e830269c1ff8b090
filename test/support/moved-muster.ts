/** Scenario tests that move the clock, run the sweep or disturb calls; see muster.ts. */
export { expect, testMoved as test } from './muster.ts';
