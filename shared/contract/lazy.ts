/**
 * Calls `make` on first use and keeps its result. Schemas are built this way because a function uses only a few of
 * them, and building all would dominate its cold start.
 */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
