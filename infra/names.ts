/**
 * Names that public methods and props accept. The package @musterhq/cdk gets them written out
 * (`scripts/packages/cdk.ts`), so that its types do not depend on the contract.
 */
import type { eventTypes, openStatuses } from '#shared/schema.ts';

export type { OperationName } from '#shared/contract/operations.ts';
export type { Code as RefusalCode } from '#shared/contract/problem.ts';

/** What can happen to a task. */
export type TaskEvent = keyof typeof eventTypes;
/** The status of a task that has not ended. */
export type OpenStatus = (typeof openStatuses)[number];
/** Which events are published. */
export type { PublicEvents } from '#shared/schema.ts';
