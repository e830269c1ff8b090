import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // A machine that is busy with something else may starve one of the many processes of a scenario. A real fault fails again.
    retry: process.env['CI'] ? 2 : 0,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    // What is waited for comes within milliseconds; the limit is for a machine that is busy with something else.
    expect: { poll: { timeout: 15_000, interval: 20 } },
  },
});
