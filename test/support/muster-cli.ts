import { runCli, type CliOptions } from './cli.ts';
import { test as scenario } from './muster.ts';

export { expect } from './muster.ts';

/** With `cli.run(['task', 'list'])` on the Muster of the test. */
export const test = scenario.extend('cli', ({ muster }) => {
  const env = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin };
  return {
    env,
    run: (args: readonly string[], options: CliOptions = {}) => runCli(args, { env, ...options }),
  };
});
