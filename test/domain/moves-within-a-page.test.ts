/** A listing includes everything that exists throughout, whatever move a task makes before any read of a page. */
import { describe, expect, test } from 'vitest';
import { listed, moves, worldWith } from '../support/task-moves.ts';

describe.each(moves)('$of: $move', ({ of: kind, by }) => {
  // Small pages mean many reads, and most of their moves are between pages.
  test.each([
    { limit: 100, stride: 1 },
    { limit: 3, stride: 11 },
  ])('before any one read of a listing in pages of $limit: nothing is skipped', async ({ limit, stride }) => {
    for (let position = 0, isLast = false; !isLast; position += stride) {
      const { dynamodb, ports, ids, moving } = await worldWith(kind);
      let reads = 0;
      isLast = true;
      dynamodb.before(
        () => reads++ === position,
        async () => {
          isLast = false;
          for (const id of moving) {
            const transition = by(await ports.task(id), ports.clock.now());
            expect(transition && (await ports.tasks.apply(id, transition)).applied).toBe(true);
          }
        },
      );
      const seen = await listed(ports, 0, () => Promise.resolve(), limit);
      expect(seen.sort(), `before read ${position}`).toEqual(ids.sort());
    }
  });
});
