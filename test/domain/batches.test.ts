import { expect, test } from 'vitest';
import { batchesOf, inBatches, paced } from '#shared/batches.ts';

test('batches keep the order and omit nothing', () => {
  expect(batchesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(batchesOf([], 2)).toEqual([]);
});

test('work runs for at most one batch at a time, and results keep their order', async () => {
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

test('after an error the batch finishes, and no other starts', async () => {
  const ended: number[] = [];
  const work = async (n: number) => {
    if (n === 2) throw new Error('no room for 2');
    for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
    ended.push(n);
  };
  await expect(inBatches([1, 2, 3, 4, 5], 3, work)).rejects.toThrow('no room for 2');
  expect(ended).toEqual([1, 3]);
});

class Busy extends Error {}
const pacing = { atOnce: 8, isBusy: (error: unknown) => error instanceof Busy, hasTime: () => true };

test('paced work continues behind busy items at half speed, and returns to them', async () => {
  const [began, done]: [number[], number[]] = [[], []];
  let refusals = 3;
  let running = 0;
  const most: number[] = [];
  const isDone = await paced(
    [
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [10, 11, 12, 13, 14],
    ],
    pacing,
    async (n) => {
      began.push(n);
      running += 1;
      await Promise.resolve();
      most.push(running);
      running -= 1;
      if (n === 2 && (refusals -= 1) >= 0) throw new Busy();
      done.push(n);
    },
  );
  expect(isDone).toBe(true);
  expect(done).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 2]);
  expect(began.filter((n) => n === 2)).toHaveLength(4);
  expect([Math.max(...most.slice(0, 8)), Math.max(...most.slice(8))]).toEqual([8, 5]);
});

test('paced work stops when its time is up, and says that it is not done', async () => {
  let looks = 0;
  const done: number[] = [];
  const work = (n: number) => (n === 0 ? Promise.reject(new Busy()) : Promise.resolve(void done.push(n)));
  const hasTime = () => (looks += 1) <= 4;
  expect(await paced([[0, 1, 2, 3]], { ...pacing, atOnce: 1, hasTime }, work)).toBe(false);
  expect(done).toEqual([1, 2, 3]);
  expect(await paced([[1], [2]], { ...pacing, hasTime: () => false }, work)).toBe(false);
  expect(done).toEqual([1, 2, 3]);
});

test('paced work finishes all other items before it throws a non-capacity error', async () => {
  const done: number[] = [];
  const work = (n: number) =>
    n % 4 === 1 ? Promise.reject(new Error(`no. ${n}`)) : Promise.resolve(void done.push(n));
  await expect(
    paced(
      [
        [0, 1, 2, 3],
        [4, 5, 6],
      ],
      { ...pacing, atOnce: 2 },
      work,
    ),
  ).rejects.toThrow('no. 1');
  expect(done).toEqual([0, 2, 3, 4, 6]);
});
