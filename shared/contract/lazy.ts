/**
 * What `make` returns, made when it is first asked for and kept. Schemas are built this way: a function uses few of them, and all of
 * them would be most of its start.
 */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
