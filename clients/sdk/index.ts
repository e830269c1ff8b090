export { MusterClient } from './client.ts';
export { MusterError, type MusterErrorCode } from './muster-error.ts';
export type { CallOptions, InputOf, OperationMethods, OperationName, OutputOf } from './operation-methods.ts';
export type { ClientOptions } from './transport.ts';
export { AttemptStopped, NotMe, PermanentError, type StopCause } from './worker/handler.ts';
export type { Handler, Handlers, Work } from './worker/handler.ts';
export type { Logger } from './worker/logger.ts';
export type { AgentOptions } from './worker/options.ts';
export { runAgent, type RunningAgent } from './worker/run-agent.ts';
