export { AttemptStopped, NotMe, PermanentError, type StopCause } from './handler.ts';
export type { Handler, Handlers, Work } from './handler.ts';
export type { Logger } from '../logger.ts';
export type { AgentOptions, AgentSettings, StopSignal } from './options.ts';
export { runAgent, type RunningAgent } from './run-agent.ts';
