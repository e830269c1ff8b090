import type * as z from 'zod';
import type { operations } from '#shared/contract/operations.ts';
import type { MusterError } from './muster-error.ts';

type Row = (typeof operations)[number];

export type OperationName = Row['name'];
export type InputOf<Name extends OperationName> = z.input<Extract<Row, { name: Name }>['input']>;
export type OutputOf<Name extends OperationName> = z.output<Extract<Row, { name: Name }>['output']>;

export interface CallOptions {
  /** Ends the call, its retries included; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How often a failed request is retried, where that is safe. */
  retries?: number;
  /** How long to wait for one answer, in milliseconds. */
  timeoutMs?: number;
  /** Called with each failure before the request is retried. */
  onRetry?: (error: MusterError) => void;
}

/** Assignable to an input only if no field of it is required. */
type NoFields = Record<string, never>;

/** Performs an operation. Rejects with a MusterError when it is refused or not answered. */
type OperationMethod<Name extends OperationName> =
  NoFields extends InputOf<Name>
    ? (input?: InputOf<Name>, options?: CallOptions) => Promise<OutputOf<Name>>
    : (input: InputOf<Name>, options?: CallOptions) => Promise<OutputOf<Name>>;

type CamelCase<Text extends string> = Text extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text;

/** One method for each row of the table of operations: createTask for create_task. */
export type OperationMethods = { [R in Row as CamelCase<R['name']>]: OperationMethod<R['name']> };

/** The name of an operation's method. */
export const methodName = (operation: string) =>
  operation.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
