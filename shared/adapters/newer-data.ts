import { Refusal } from '../contract/problem.ts';

/**
 * The stored data was written by a newer version, and this one might misread it. Treated as an unavailable service:
 * requests get 503, streams and queues wait for that version.
 */
export class NewerData extends Refusal {
  constructor(stored: number, reads: number) {
    super(
      'unavailable',
      `The data was written by a newer version of Muster (format ${stored}; this version reads up to ${reads}). Deploy that version again.`,
    );
  }
}
