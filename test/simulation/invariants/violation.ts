/** What did not hold. */
export interface Violation {
  invariant: string;
  detail: string;
  /** Seconds since the beginning. */
  at: number;
}
