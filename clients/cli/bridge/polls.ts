import { callOf, type Message } from './message.ts';

const claimTool = 'orchestration_claim_tasks';
/** Keep an agent alive, or only look: no reason to expect work that a claim has just not found. */
const idleTools: ReadonlySet<unknown> = new Set([
  claimTool,
  'orchestration_heartbeat_agent',
  'orchestration_heartbeat_task',
]);
/** Clients give a call up after a minute, some earlier. */
const longestWaitMs = 30_000;

/**
 * When each agent may ask for work again. A model cannot wait and would ask at once: a claim that comes before Muster wants it is kept
 * back until then, unless the client has done something in between.
 */
export class Polls {
  readonly #dueAt = new Map<unknown, number>();

  /** In how many milliseconds this message may be sent. Notes what may have made work. */
  delayOf(message: Message, now: number): number {
    const call = callOf(message);
    if (!call) return 0;
    if (!idleTools.has(call.tool)) this.#dueAt.clear();
    return call.tool === claimTool ? Math.max(0, (this.#dueAt.get(call.input['agent_id']) ?? 0) - now) : 0;
  }

  /** Notes when Muster wants to be asked again. */
  note(message: Message, { result }: Message, now: number): void {
    const call = callOf(message);
    if (call?.tool !== claimTool) return;
    const { poll_after_ms: pollAfter } = (result?.['structuredContent'] ?? {}) as { poll_after_ms?: unknown };
    if (typeof pollAfter === 'number') {
      this.#dueAt.set(call.input['agent_id'], now + Math.min(pollAfter, longestWaitMs));
    }
  }
}
