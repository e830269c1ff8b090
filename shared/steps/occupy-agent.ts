import { Refusal } from '../contract/problem.ts';
import type { Instance } from '../domain/agent.ts';
import { agentInUse, isInUse, waitHint } from '../domain/instance.ts';
import type { Ports } from '../ports.ts';

/** How often to start over after another process was faster. */
const maxApplications = 5;

/** A process that wants an agent id; undefined if it names no instance. */
export type Applicant = Omit<Instance, 'since'> | undefined;

/**
 * Gives an agent id to a process before anything else of the agent is written, so that a refusal changes nothing.
 * @param takeover take the id even if another live process has it
 * @throws Refusal agent_in_use
 */
export async function occupyAgent(
  { agents, clock, settings }: Pick<Ports, 'agents' | 'clock' | 'settings'>,
  id: string,
  applicant: Applicant,
  takeover: boolean,
): Promise<Instance | undefined> {
  for (let n = 0; n < maxApplications; n += 1) {
    const occupant = await agents.occupant(id);
    const { instance } = occupant ?? {};
    if (instance?.id === applicant?.id) return instance;
    const now = clock.now();
    if (instance && occupant && !takeover && isInUse(occupant, now, settings)) {
      throw agentInUse(id, instance, occupant, waitHint(instance, occupant, now, settings));
    }
    const next = applicant && { ...applicant, since: now };
    if (await agents.occupy(id, next, occupant, takeover)) return next;
  }
  throw new Refusal('unavailable', `Too much contention on agent ${id}; try again.`, { retryAfterSeconds: 1 });
}
