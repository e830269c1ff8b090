/** Well before the limit of a test, whose error does not tell what it waited for. */
const limitMs = 60_000;

const late = (what: () => string, ms: number) => new Error(`Waited ${ms / 1000} s for ${what()}`);

/**
 * What a promise resolves with.
 * @param what the rest of "Waited 60 s for", with what is known by then
 * @throws after the limit, with that
 */
export async function within<T>(promise: Promise<T>, what: () => string, ms = limitMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(what, ms)), ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** For loops that wait for something: to be called in each round, it throws like `within` when the limit has passed. */
export function patience(what: () => string, ms = limitMs): () => void {
  const deadline = performance.now() + ms;
  return () => {
    if (performance.now() > deadline) throw late(what, ms);
  };
}
