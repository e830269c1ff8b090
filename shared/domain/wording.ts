import { maxListed } from '../contract/problem.ts';
import type { AgentState, Unavailable } from './agent.ts';

/** The maximum number of things named in a sentence; the accompanying facts list all of them. */
const maxNamed = 5;

/** The first few things, and how many more there are. */
export const firstOf = (things: readonly string[]) => joined(things, maxNamed, ', ');

/** Things as listed in the detail of a problem: up to the maximum, and how many more there are. */
export const listOf = (things: readonly string[], separator = ', ') => joined(things, maxListed, separator);

function joined(things: readonly string[], max: number, separator: string): string {
  const more = things.length - max;
  return `${things.slice(0, max).join(separator)}${more > 0 ? ` and ${more} more` : ''}`;
}

/** In words, why an agent takes no work. */
export const stateInWords: Record<Exclude<AgentState, 'active'>, string> = {
  draining: 'is draining',
  leaving: 'is being deregistered',
  left: 'has left',
};

const meaning: Record<Unavailable, string> = {
  ...stateInWords,
  full: 'is full',
  stale: 'is stale (not seen recently)',
  excluded: 'is excluded (it recently released the task or did not start it)',
};

/** Why none of the capable agents can take a task. */
export function noneAvailable(agents: readonly { agent_id: string; reason: Unavailable }[]): string {
  return `No capable agent is available: ${firstOf(agents.map((one) => `${one.agent_id} ${meaning[one.reason]}`))}.`;
}
