import { hostName, newInstance } from '../../sdk/worker/identity.ts';
import { callOf, type Message } from './message.ts';

const registerTool = 'orchestration_register_agent';

/** The tools that take an instance. */
export const instanceTools: ReadonlySet<string> = new Set([
  registerTool,
  'orchestration_claim_tasks',
  'orchestration_start_task',
  'orchestration_complete_task',
  'orchestration_fail_task',
  'orchestration_release_task',
  'orchestration_heartbeat_task',
  'orchestration_heartbeat_agent',
  'orchestration_drain_agent',
]);

type Fields = Record<string, unknown>;

/** The instance of this bridge, which runs the agents that register through it. */
export class BridgeInstance {
  readonly #id = newInstance();
  readonly #agents = new Set<unknown>();

  /** Adds the instance to a call in the name of one of this bridge's agents. */
  named(message: Message): Message {
    const { params } = message;
    const given = instanceCallOf(message);
    if (!given || 'instance' in given.input) return message;
    const isRegistration = given.tool === registerTool;
    if (!isRegistration && !this.#isOurs(given.input['agent_id'])) return message;
    const own = { instance: this.#id, ...(isRegistration && { host: hostName() }) };
    return { ...message, params: { ...params, arguments: { ...own, ...given.input } } };
  }

  /** Notes which agents this bridge runs. */
  note(message: Message, { result }: Message): void {
    const given = instanceCallOf(message);
    if (given?.tool !== registerTool || result?.['isError'] === true) return;
    if (given.input['instance'] !== this.#id) return;
    this.#agents.add((result?.['structuredContent'] as Fields | undefined)?.['agent_id']);
  }

  /** A call without an agent uses the key of one, which can register no other. */
  #isOurs(agent: unknown): boolean {
    return agent === undefined || agent === null ? this.#agents.size > 0 : this.#agents.has(agent);
  }
}

/** Why a registration has to wait: another process runs the agent. */
export function inUseDetail(message: Message, { result }: Message): string | undefined {
  const problem = (result?.['structuredContent'] ?? {}) as { code?: string; detail?: string };
  const isInUse = result?.['isError'] === true && problem.code === 'agent_in_use';
  return isInUse && callOf(message)?.tool === registerTool ? problem.detail : undefined;
}

/** The call, if its tool takes an instance. */
function instanceCallOf(message: Message) {
  const call = callOf(message);
  return call && instanceTools.has(call.tool) ? call : undefined;
}
