import * as z from 'zod';
import { lazy } from '../contract/lazy.ts';
import { invalidInput } from '../contract/problem.ts';
import { hashOf } from '../domain/hash.ts';

/** Which time the lists are walked through, when this walk and the one before it began, and what was listed: see list-tasks.ts. */
const Walk = lazy(() =>
  z.strictObject({ number: z.int(), begunAt: z.int(), movedSince: z.int(), listed: z.string().max(1100) }),
);
export type Walk = z.infer<ReturnType<typeof Walk>>;

/** Where a page begins: in which of the lists that are read in turn, by name, and after which position. */
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

/** A position in the listing that a request asked for, as an opaque text. */
export const encodeCursor = (position: ListPosition, request: Request) =>
  Buffer.from(JSON.stringify({ ...position, of: filtersOf(request) })).toString('base64url');

/**
 * The position that the cursor of a request names; the beginning without one. A cursor of other filters would skip tasks
 * silently.
 * @throws Refusal invalid_input when this service did not make it, or made it for other filters
 */
export function decodeCursor(request: Request): ListPosition {
  if (request.cursor === undefined) return { list: '' };
  const cursor = read(request.cursor);
  if (cursor?.of === filtersOf(request)) return cursor;
  const what = cursor ? 'belongs to a request with different filters' : 'is not a valid cursor';
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

const filtersOf = ({ cursor: _cursor, limit: _limit, ...filters }: Request) => hashOf(filters);
