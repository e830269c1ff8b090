import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fates, story, type Fate } from '../support/dependency-story.ts';
import { DependencyWorld } from '../support/dependency-world.ts';

const everyFate = Object.keys(fates) as Fate[];
const fatesWithoutRetry: Fate[] = ['stays open', 'completes', 'fails', 'is cancelled'];

describe('a task and its dependencies, in whatever order their steps run,', () => {
  test('agree in the end, even with lost and repeated events, thanks to the check', async () => {
    await fc.assert(
      fc.asyncProperty(story(everyFate, [0, 1, 2]), async (told) => {
        const world = new DependencyWorld(told);
        await world.run();
        await world.check();
        world.expectAgreement();
      }),
      { numRuns: 150 },
    );
  });

  test('agree without the check if every event arrives and nobody retries', async () => {
    await fc.assert(
      fc.asyncProperty(story(fatesWithoutRetry, [1, 2]), async (told) => {
        const world = new DependencyWorld(told);
        await world.run();
        world.expectAgreement();
      }),
      { numRuns: 150 },
    );
  });

  test('agree without the check if every event arrives, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(story(everyFate, [1]), async (told) => {
        const world = new DependencyWorld(told);
        await world.runCalmly();
        world.expectAgreement();
      }),
      { numRuns: 100 },
    );
  });

  test('agree if a different body was sent with the same key, which is refused', async () => {
    await fc.assert(
      fc.asyncProperty(story(everyFate, [0, 1, 2]), async (told) => {
        const world = new DependencyWorld(told, { rival: true });
        await world.run();
        await world.check();
        world.expectAgreement();
        expect(world.refused.length).toBeGreaterThan(0);
        expect(new Set(world.refused)).toEqual(new Set(['idempotency_mismatch']));
      }),
      { numRuns: 75 },
    );
  });
});
