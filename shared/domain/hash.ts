import { hash } from 'node:crypto';

/** Equal for equal bodies, whatever the order of their keys. */
export const hashOf = (body: object) => digest(JSON.stringify(sorted(body))).slice(0, 22);

/** Whether two values are equal as JSON, whatever the order of their keys: DynamoDB does not keep the order of maps. */
export const isSameJson = (one: unknown, other: unknown) =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** SHA-256 in base64url. */
export const digest = (text: string) => hash('sha256', text, 'base64url');

const maxKeptLength = 16;

/**
 * A name of at most 16 characters for use in a key: the name itself, or a hash if it is longer. No name begins with
 * `=`.
 */
export const shortKey = (name: string) =>
  name.length <= maxKeptLength ? name : `=${digest(name).slice(0, maxKeptLength - 1)}`;

/** A 6-character tag for a long name, for uses that tolerate a rare collision. */
export const nameTag = (name: string) => digest(name).slice(0, 6);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, sorted(inner)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
