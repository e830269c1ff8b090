import { expect, test } from 'vitest';
import { Batcher, type BatcherOptions } from '#shared/adapters/batcher.ts';

interface Write {
  key: string;
  value: number;
}

type Options = BatcherOptions<Write, number>;

const answerAll: Options['call'] = (writes) => Promise.resolve(new Map(writes.map(({ key, value }) => [key, value])));

/** A batcher that records the keys of each call. */
function batcher({ call = answerAll, ...options }: Partial<Options> = {}) {
  const calls: string[] = [];
  const subject = new Batcher<Write, number>({
    size: 3,
    callsAtOnce: 10,
    keyOf: ({ key }) => key,
    call: (writes) => {
      calls.push(writes.map(({ key }) => key).join(' '));
      return call(writes);
    },
    backOff: () => Promise.resolve(),
    ...options,
  });
  return { calls, ask: (key: string, value = 0) => subject.ask({ key, value }) };
}

test('requests made at the same time, in the same number of steps, share a call up to its limit', async () => {
  const { calls, ask } = batcher();
  const slowly = async (key: string, value: number) => {
    await Promise.resolve();
    return ask(key, value);
  };
  expect(await Promise.all([ask('a', 1), slowly('b', 2), ask('c', 3), ask('d', 4)])).toEqual([1, 2, 3, 4]);
  expect(calls).toEqual(['a c d', 'b']);
  await ask('e');
  expect(calls).toEqual(['a c d', 'b', 'e']);
});

test('of two requests with the same key, the later one is sent for both', async () => {
  const { calls, ask } = batcher();
  expect(await Promise.all([ask('a', 1), ask('a', 2)])).toEqual([2, 2]);
  expect(calls).toEqual(['a']);
});

test('unprocessed requests are sent again and hold up no other', async () => {
  let isHot = true;
  const { promise: cooled, resolve: cool } = Promise.withResolvers<undefined>();
  const { calls, ask } = batcher({
    call: (writes) => answerAll(writes.filter(({ key }) => key !== 'hot' || !isHot)),
    backOff: () => cooled,
  });
  const hot = ask('hot', 1);
  expect(await ask('cold', 2)).toBe(2);
  isHot = false;
  cool(undefined);
  expect(await hot).toBe(1);
  expect(calls).toEqual(['hot cold', 'hot']);
});

test('an error of a call is thrown to all its requests, also after the last attempt', async () => {
  const failing = batcher({
    call: (writes) => (writes.some(({ key }) => key === 'c') ? answerAll(writes) : Promise.reject(new Error('down'))),
    size: 2,
  });
  const asked = await Promise.allSettled([failing.ask('a'), failing.ask('b'), failing.ask('c', 3)]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);

  const { ask } = batcher({
    call: () => Promise.resolve(new Map()),
    backOff: () => Promise.reject(new Error('left undone')),
  });
  await expect(ask('a')).rejects.toThrow('left undone');
});
