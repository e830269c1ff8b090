import * as contract from '../../contract/statistics.ts';
import { recommend, type Recommendation } from '../../domain/recommendations.ts';
import { instant } from '../../wire/instant.ts';
import { implement } from '../implement.ts';
import { situation } from '../../steps/situation.ts';

/** Recommendations that mean the system is not healthy. */
const unhealthy: ReadonlySet<Recommendation['code']> = new Set([
  'no_capable_agent',
  'old_ready_task',
  'low_success',
  'stale_agents',
]);

export const getHealth = implement(contract.getHealth, async (ports) => {
  const now = await situation(ports);
  const reasons = recommend(now)
    .filter(({ code }) => unhealthy.has(code))
    .map(({ message }) => message);
  const { queue, routing } = now;
  const agents = { ...now.agents, as_of: instant(now.asOf) };
  const status = reasons.length > 0 ? ('degraded' as const) : ('healthy' as const);
  return { status, reasons, queue, agents, routing };
});
