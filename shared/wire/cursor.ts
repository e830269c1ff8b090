import * as z from 'zod';
import { lazy } from '../contract/lazy.ts';
import { invalidInput } from '../contract/problem.ts';
import { hashOf } from '../domain/hash.ts';

/** The number of the current walk, when it and the previous one began, and what was listed: see list-tasks.ts. */
const Walk = lazy(() =>
  z.strictObject({ number: z.int(), begunAt: z.int(), movedSince: z.int(), listed: z.string().max(1100) }),
);
export type Walk = z.infer<ReturnType<typeof Walk>>;

/** Where a page begins: the name of the list and the position in it to continue after. */
const ListPosition = lazy(() =>
  z.strictObject({
    list: z.string().max(200),
    after: z.string().min(1).max(300).optional(),
    walk: Walk().optional(),
  }),
);
export type ListPosition = z.infer<ReturnType<typeof ListPosition>>;

const CursorContent = lazy(() => ListPosition().extend({ of: z.string() }));

interface Request {
  cursor?: string | undefined;
  limit: number;
}

/** Encodes a position in the listing of a request as an opaque cursor. */
export const encodeCursor = (position: ListPosition, operation: string, request: Request) =>
  Buffer.from(JSON.stringify({ ...position, of: listingOf(operation, request) })).toString('base64url');

/**
 * Decodes the cursor of a request; the beginning if it has none. A cursor of another operation or for different filters
 * is refused, because it would skip tasks silently.
 * @throws Refusal invalid_input if the cursor is not from this service, or belongs to another operation or other filters
 */
export function decodeCursor(operation: string, request: Request): ListPosition {
  if (request.cursor === undefined) return { list: '' };
  const cursor = read(request.cursor);
  if (cursor?.of === listingOf(operation, request)) return cursor;
  const what = cursor
    ? 'belongs to another operation, or to a request with different filters'
    : 'is not a valid cursor';
  throw invalidInput([{ path: ['cursor'], message: what }], {
    hint: 'Send the next_cursor of the previous page unchanged, with the same filters; omit it to start over.',
  });
}

function read(text: string): z.infer<ReturnType<typeof CursorContent>> | undefined {
  try {
    return CursorContent().parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

const listingOf = (operation: string, { cursor: _cursor, limit: _limit, ...filters }: Request) =>
  hashOf({ operation, filters });
