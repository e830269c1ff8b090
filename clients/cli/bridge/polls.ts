import { callOf, type Message } from './message.ts';

const claimTool = 'orchestration_claim_tasks';
/** Tools that only keep an agent alive or read: after those, a claim has no more reason to find work than before. */
const idleTools: ReadonlySet<unknown> = new Set([
  claimTool,
  'orchestration_heartbeat_agent',
  'orchestration_heartbeat_task',
]);
/** Clients abandon a call after a minute, some earlier. */
const longestWaitMs = 30_000;

/**
 * When each agent may claim again. A model cannot wait and would claim at once, so a claim that comes too early is
 * delayed, unless the client has done something in between.
 */
export class Polls {
  readonly #dueAt = new Map<unknown, number>();

  /** How long to delay this message, in milliseconds. Notes calls that may have created work. */
  delayOf(message: Message, now: number): number {
    const call = callOf(message);
    if (!call) return 0;
    if (!idleTools.has(call.tool)) this.#dueAt.clear();
    return call.tool === claimTool ? Math.max(0, (this.#dueAt.get(call.input['agent_id']) ?? 0) - now) : 0;
  }

  /** Notes when Muster wants the next claim. */
  note(message: Message, { result }: Message, now: number): void {
    const call = callOf(message);
    if (call?.tool !== claimTool) return;
    const { poll_after_ms: pollAfter } = (result?.['structuredContent'] ?? {}) as { poll_after_ms?: unknown };
    if (typeof pollAfter === 'number') {
      this.#dueAt.set(call.input['agent_id'], now + Math.min(pollAfter, longestWaitMs));
    }
  }
}
