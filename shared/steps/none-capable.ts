import type { Ports } from '../ports.ts';

/** How many agents are searched for one that has all of some capabilities. */
const maxCapableRead = 100;

/**
 * Whether no agent has all of these capabilities. A sample that was read earlier may lack an agent that has registered
 * since. False if there are too many agents to be sure.
 */
export async function isNoneCapable({ agents }: Pick<Ports, 'agents'>, names: readonly string[]): Promise<boolean> {
  for (const which of ['any', 'fresh'] as const) {
    const { members, isWhole, isFresh } = await agents.capable(names, maxCapableRead, which);
    if (members.length > 0 || !isWhole) return false;
    if (isFresh) return true;
  }
  return true;
}
