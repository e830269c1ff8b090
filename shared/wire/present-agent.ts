import type * as nouns from '../contract/nouns.ts';
import {
  confidenceIn,
  countOf,
  isStale,
  slotsUsed,
  successRate,
  type AgentProfile,
  type AgentRecord,
} from '../domain/agent.ts';
import type { Settings } from '../domain/settings.ts';
import { instant } from './instant.ts';

function healthOf(agent: AgentRecord, now: number, settings: Settings): nouns.AgentHealth['status'] {
  if (agent.state === 'left') return 'left';
  if (agent.state !== 'active') return 'draining';
  if (isStale(agent, now, settings)) return 'stale';
  return successRate(agent) <= 0.8 ? 'degraded' : 'healthy';
}

/** An agent's track record, load and status in wire format. */
export function presentHealth(agent: AgentRecord, now: number, settings: Settings): nouns.AgentHealth {
  const rate = successRate(agent);
  const status = healthOf(agent, now, settings);
  return {
    agent_id: agent.id,
    status,
    success_rate: rate,
    avg_completion_ms: agent.completed === 0 ? 0 : agent.durationMs / agent.completed,
    total_completed: agent.completed,
    total_failed: agent.failed,
    max_concurrent_tasks: agent.maximum,
    load: slotsUsed(agent),
    last_seen_at: instant(agent.seenAt),
  };
}

/** An agent in wire format. */
export function presentAgent(
  agent: AgentRecord,
  profile: AgentProfile | undefined,
  now: number,
  settings: Settings,
): nouns.Agent {
  return {
    agent_id: agent.id,
    state: agent.state,
    capabilities: Object.entries(profile?.capabilities ?? {})
      .map(([name, { source }]) => ({
        name,
        confidence: confidenceIn(agent, name, profile?.capabilities ?? {}),
        source,
        completed: countOf(agent.successes, name),
        failed: countOf(agent.failures, name),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    max_concurrent_tasks: agent.maximum,
    load: slotsUsed(agent),
    holding: Object.keys(agent.inbox).map((task_id) => ({ task_id })),
    ...(agent.instance && { instance: { ...agent.instance, since: instant(agent.instance.since) } }),
    ...(profile?.metadata && { metadata: profile.metadata }),
    registered_at: instant(agent.registeredAt),
    health: presentHealth(agent, now, settings),
  };
}
