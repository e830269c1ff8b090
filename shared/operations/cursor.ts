import * as z from 'zod';
import { Refusal } from '../contract/problem.ts';

/** Where a page begins: in which of the lists that are gone through, by name, behind which position. */
const Place = z.strictObject({ list: z.string().max(200), after: z.string().min(1).max(300).optional() });
export type Place = z.infer<typeof Place>;

/** A place in a listing as an opaque text. */
export const encodeCursor = (place: Place) => Buffer.from(JSON.stringify(place)).toString('base64url');

/**
 * The place that a cursor names; the beginning without one.
 * @throws Refusal invalid_input when this service did not make it
 */
export function decodeCursor(cursor: string | undefined): Place {
  if (cursor === undefined) return { list: '' };
  try {
    return Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Refusal('invalid_input', '/cursor: is not a cursor of this service', {
      errors: [{ pointer: '/cursor', message: 'is not a cursor of this service' }],
      hint: 'Send next_cursor of the page before, unchanged, with the same filters.',
    });
  }
}
