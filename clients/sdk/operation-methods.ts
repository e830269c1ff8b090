import type { Operations } from './types.ts';

/** The name of an operation, for example `create_task`. */
export type OperationName = keyof Operations;
/** The input of an operation. */
export type InputOf<Name extends OperationName> = Operations[Name]['input'];
/** The response of an operation. */
export type OutputOf<Name extends OperationName> = Operations[Name]['output'];

/** The name of an operation's method. */
export const methodName = (operation: string) =>
  operation.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
