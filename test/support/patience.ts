/** Well below the time limit of a test, whose error does not say what the test waited for. */
const limitMs = 60_000;

const late = (what: () => string, ms: number) => new Error(`Waited ${ms / 1000} s for ${what()}`);

/**
 * Awaits a promise with a time limit.
 * @param what completes "Waited 60 s for", with the facts known by then
 * @throws Error with that text after the limit
 */
export async function within<T>(promise: Promise<T>, what: () => string, ms = limitMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(what, ms)), ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/** For polling loops: call the returned function in each round; it throws like `within` after the limit. */
export function patience(what: () => string, ms = limitMs): () => void {
  const deadline = performance.now() + ms;
  return () => {
    if (performance.now() > deadline) throw late(what, ms);
  };
}
