import { Refusal } from '../contract/problem.ts';

/**
 * What is stored was written by a newer version, and this one might misread it. It counts as a service that is not available:
 * requests are answered with 503, streams and queues wait for that version.
 */
export class NewerData extends Refusal {
  constructor(stored: number, reads: number) {
    super(
      'unavailable',
      `The data was written by a newer version of Muster (format ${stored}; this version reads up to ${reads}). Deploy that version again.`,
    );
  }
}
