import type { Violation } from './invariants/violation.ts';

/** Faults of the product that are known and not fixed yet. Whoever fixes one removes its line; an empty list is deleted. */
const knownFaults: { invariant: string; detail?: RegExp; issue: string }[] = [
  { invariant: 'a healthy agent is found', issue: '7.2: an agent that was forgotten stays so' },
  { invariant: 'nothing is put aside for an error of AWS', detail: /AccessDenied/, issue: '7.5: poison that is none' },
  { invariant: 'a success is a fact', detail: /deregister_agent/, issue: '7.6: deregistration in halves' },
  { invariant: 'no agent is over its maximum', detail: / holds /, issue: '7.6' },
];

export const isKnown = ({ invariant, detail }: Violation): boolean =>
  knownFaults.some((known) => known.invariant === invariant && (known.detail?.test(detail) ?? true));
