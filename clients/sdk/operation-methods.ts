import type { Operations } from './types.ts';

export type OperationName = keyof Operations;
export type InputOf<Name extends OperationName> = Operations[Name]['input'];
export type OutputOf<Name extends OperationName> = Operations[Name]['output'];

/** The name of an operation's method. */
export const methodName = (operation: string) =>
  operation.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
