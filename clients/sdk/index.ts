export { MusterClient, type EndedTask } from './client.ts';
export { MusterError, type MusterErrorCode } from './muster-error.ts';
export type { Logger } from './logger.ts';
export type { CallOptions } from './call-options.ts';
export type { InputOf, OperationName, OutputOf } from './operation-methods.ts';
export type { OperationMethods } from './methods.ts';
export type * from './types.ts';
export type { ClientOptions } from './transport.ts';
