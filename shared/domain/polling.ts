import type { AgentRecord } from './agent.ts';
import { madeAt } from './offer.ts';
import { times, type Settings } from './settings.ts';

/** How long an agent waits that is being offered a task: until the router has taken it for the agent, which is one write. */
export const offeredPollMs = 100;
/** How long an agent waits that has just had work. */
const firstPollMs = 2000;
/** The wait is this share of the time without work, so an agent is asked to look less and less often. */
const idleShare = 0.2;
/** Agents that began together do not ask together: a wait may be this much shorter or longer. */
const spread = 0.2;

/**
 * After how many milliseconds an agent that found nothing should ask again: 2 s after work, then longer with the time that it has
 * been idle, up to what the operator allows. It follows from what is written anyway, so an idle poll costs no write.
 * @param fraction random, from 0 to 1
 */
export function pollAfterMs(agent: AgentRecord, now: number, settings: Settings, fraction: number): number {
  const growing = Math.max(firstPollMs, idleShare * (now - lastBusyAt(agent)));
  return Math.round(Math.min(growing, longestPollMs(settings)) * (1 - spread + 2 * spread * fraction));
}

/** When the agent was last given a task or reported on one; at the earliest when its process began. */
const lastBusyAt = ({ registeredAt, instance, workedAt = 0, inbox }: AgentRecord) =>
  Math.max(registeredAt, instance?.since ?? 0, workedAt, ...Object.values(inbox).map(madeAt));

/** An agent that asks no more often than this is still seen, and starts in time what the router assigns to it. */
const longestPollMs = ({ maxPollMs, startWithinMs, staleAfterMs }: Settings) =>
  Math.min(maxPollMs, startWithinMs / 3, staleAfterMs / 3);

/** For how long a process that is alive may be unseen, twice over: then another one may have its agent. */
export const silentAfterMs = (settings: Settings) =>
  2 * Math.max(times.seenEveryMs, (1 + spread) * longestPollMs(settings));
