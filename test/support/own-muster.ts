/** Scenario tests that count everything there is or what it costs; see muster.ts. */
export { expect, testAlone as test } from './muster.ts';
