import type { AgentRecord } from './agent.ts';
import { madeAt } from './offer.ts';
import { times, type Settings } from './settings.ts';

/** The wait of an agent that is being offered a task: one write later, the router has assigned it. */
export const offeredPollMs = 100;
/** The wait of an agent that has just had work. */
const firstPollMs = 2000;
/** The wait as a share of the idle time, so that an idle agent polls less and less often. */
const idleShare = 0.2;
/** The jitter of a wait, up or down, so that agents that started together do not poll together. */
const spread = 0.2;

/**
 * How long an agent that found nothing should wait before it polls again, in milliseconds: 2 s after work, then longer
 * the longer it has been idle, up to the configured maximum. Derived from what is stored anyway, so that an idle poll
 * costs no write.
 * @param fraction random, from 0 to 1
 */
export function pollAfterMs(agent: AgentRecord, now: number, settings: Settings, fraction: number): number {
  const growing = Math.max(firstPollMs, idleShare * (now - lastBusyAt(agent)));
  return Math.round(Math.min(growing, maxPollDelayMs(settings)) * (1 - spread + 2 * spread * fraction));
}

/** When the agent last got a task or reported on one; at the earliest, when its process began. */
const lastBusyAt = ({ registeredAt, instance, workedAt = 0, inbox }: AgentRecord) =>
  Math.max(registeredAt, instance?.since ?? 0, workedAt, ...Object.values(inbox).map(madeAt));

/** An agent that polls at least this often is still seen, and starts assigned tasks in time. */
const maxPollDelayMs = ({ maxPollMs, startWithinMs, staleAfterMs }: Settings) =>
  Math.min(maxPollMs, startWithinMs / 3, staleAfterMs / 3);

/** Twice the longest time that a live process may go unseen; after that, another process may take its agent id. */
export const silentAfterMs = (settings: Settings) =>
  2 * Math.max(times.seenEveryMs, (1 + spread) * maxPollDelayMs(settings));
