import type { Status } from '../contract/nouns.ts';
import type { StateField } from './task.ts';

const awaiting = { checkEveryMs: true } as const;
const isHeldBy = { agentId: true, offer: true, assignedBy: true, assignedAt: true } as const;
const ofDelivery = { instance: true, claimToken: true } as const;
const reports = { report: true, reportRef: true, durationMs: true } as const;

/** The fields of each state beyond the common ones. The compiler checks that none is missing or superfluous. */
const stateFields: { readonly [S in Status]: Readonly<Record<StateField<S>, true>> } = {
  waiting: awaiting,
  blocked: awaiting,
  pending: { dueAt: true },
  assigned: { ...isHeldBy, ...ofDelivery, leaseUntil: true },
  running: { ...isHeldBy, ...ofDelivery, startedAt: true, leaseUntil: true, progress: true, isWorkedOn: true },
  completed: { ...isHeldBy, startedAt: true, endedAt: true, ...reports },
  failed: { ...isHeldBy, startedAt: true, endedAt: true, ...reports },
  cancelled: { ...isHeldBy, startedAt: true, endedAt: true },
};

export const hasField = (status: Status, field: string) => Object.hasOwn(stateFields[status], field);

/** The fields of one state (or of several) that another state does not have. */
export function fieldsToClear(from: Status | readonly Status[], to: Status): StateField[] {
  const before = [from].flat().flatMap((status) => Object.keys(stateFields[status]) as StateField[]);
  return [...new Set(before)].filter((field) => !hasField(to, field));
}
