/** A task of the workload, with the bench's name for it. The adapter maps it to the queue's. */
export interface PlannedTask {
  id: string;
  requirements: RequirementSet;
  priority: Priority;
  /** Ids of tasks submitted with it. */
  dependencies: readonly string[];
}

export interface PlannedAgent {
  id: string;
  capabilities: readonly string[];
  /** How many tasks it can work on concurrently. */
  slots: number;
}

export type Priority = (typeof priorities)[number];
export type RequirementSet = (typeof requirementSets)[number];

export const priorities = ['high', 'medium', 'low'] as const;
export const requirementSets = [['search'], ['write'], ['search', 'write'], ['code']] as const;

const kinds = [['search'], ['write'], ['search', 'write'], ['search', 'write', 'code']] as const;
const agentsOfAKind = 5;
const slots = 8;

/** 20 agents, five of each kind: the more capabilities, the more requirement sets they can serve. */
export const agents: readonly PlannedAgent[] = kinds.flatMap((capabilities) =>
  Array.from({ length: agentsOfAKind }, (_, n) => ({ id: `${capabilities.join('-')}-${n}`, capabilities, slots })),
);

/** Whether an agent has every required capability. */
export const canDo = ({ capabilities }: PlannedAgent, requirements: readonly string[]): boolean =>
  requirements.every((capability) => capabilities.includes(capability));

/** The queue name for a requirement set, for queues without capabilities. */
export const queueOf = (requirements: readonly string[]): string => requirements.join('-and-');

/**
 * The queues that an agent can serve, and how many of its slots each gets, for systems that limit each queue
 * separately.
 */
export function shareSlots(agent: PlannedAgent): { queue: string; slots: number }[] {
  const served = requirementSets.filter((requirements) => canDo(agent, requirements)).map(queueOf);
  return served.map((queue, n) => ({
    queue,
    slots: Math.floor((agent.slots + served.length - 1 - n) / served.length),
  }));
}

/**
 * A quarter are roots, half depend on two of those, and a quarter are leaves that depend on two of the latter. The same
 * for the same prefix and size.
 * @param size a multiple of 4, at least 8
 */
export function layeredGraph(prefix: string, size: number): PlannedTask[] {
  const quarter = size / 4;
  const name = (n: number) => `${prefix}-${n}`;
  const dependenciesOf = (n: number): string[] => {
    if (n < quarter) return [];
    // Each root has four dependents.
    const apart = n < 2 * quarter ? 1 : 1 + Math.floor(quarter / 3);
    if (n < 3 * quarter) return [name(n % quarter), name((n + apart) % quarter)];
    const leaf = n - 3 * quarter;
    return [name(quarter + 2 * leaf), name(quarter + 2 * leaf + 1)];
  };
  return Array.from({ length: size }, (_, n) => planned(name(n), n, dependenciesOf(n)));
}

/** A task and its dependent. */
export const pair = (prefix: string, n: number): PlannedTask[] => [
  planned(`${prefix}-${n}-first`, n, []),
  planned(`${prefix}-${n}-second`, n + 1, [`${prefix}-${n}-first`]),
];

function planned(id: string, n: number, dependencies: readonly string[]): PlannedTask {
  const [set] = requirementSets;
  const [priority] = priorities;
  return {
    id,
    requirements: requirementSets[n % requirementSets.length] ?? set,
    priority: priorities[n % priorities.length] ?? priority,
    dependencies,
  };
}
