/** A violated invariant. */
export interface Violation {
  invariant: string;
  detail: string;
  /** Seconds since the start. */
  at: number;
}
