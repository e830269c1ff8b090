import { defineConfig } from 'vitest/config';

const onEngines = ['test/engine/*.test.ts', 'test/local/{edge,key}.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine of the CI may starve one of the many processes of a scenario. A real fault fails again.
    retry: process.env['CI'] ? 1 : 0,
    pool: 'forks',
    maxWorkers: 2,
    // What is waited for comes within milliseconds; the limit is for a machine that is busy with something else.
    expect: { poll: { timeout: 15_000, interval: 20 } },
    projects: [
      {
        extends: true,
        test: { name: 'engine', include: onEngines, globalSetup: 'test/support/shared-engine.ts' },
      },
      { extends: true, test: { name: 'muster', include: ['test/**/*.test.ts'], exclude: onEngines } },
    ],
  },
});
