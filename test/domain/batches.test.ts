import { expect, test } from 'vitest';
import { batchesOf, inBatches } from '#shared/batches.ts';

test('batches keep the order and leave nothing out', () => {
  expect(batchesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(batchesOf([], 2)).toEqual([]);
});

test('work is done for no more items at the same time than a batch has, and answers in their order', async () => {
  let running = 0;
  let most = 0;
  const results = await inBatches([3, 1, 2, 5, 4], 2, async (ticks) => {
    most = Math.max(most, (running += 1));
    for (let n = 0; n < ticks; n += 1) await Promise.resolve();
    running -= 1;
    return ticks * 10;
  });
  expect(results).toEqual([30, 10, 20, 50, 40]);
  expect(most).toBe(2);
});

test('after an error the batch ends, and no other begins', async () => {
  const ended: number[] = [];
  const work = async (n: number) => {
    if (n === 2) throw new Error('no room for 2');
    for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
    ended.push(n);
  };
  await expect(inBatches([1, 2, 3, 4, 5], 3, work)).rejects.toThrow('no room for 2');
  expect(ended).toEqual([1, 3]);
});
