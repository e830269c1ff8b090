import type { Json } from '../contract/nouns.ts';
import { skewedFrom, skewOf, type FleetSummary } from './fleet.ts';
import type { LaneSummary } from './lane-summary.ts';
import { firstOf } from './wording.ts';

/** The facts about queue and agents that recommendations are based on. */
export interface Situation {
  queue: {
    waiting: number;
    pending: number;
    assigned: number;
    running: number;
    completed: number;
    failed: number;
    blocked: number;
    cancelled: number;
    total: number;
    success_rate: number;
    avg_execution_ms: number;
    avg_wait_ms: number;
    oldest_pending_seconds: number;
  };
  fleet: FleetSummary;
  lanes: LaneSummary;
  routing: {
    total_tasks: number;
    assigned_count: number;
    assignment_rate: number;
    should_rebalance: boolean;
    skew: number;
  };
}

export interface Recommendation {
  code: 'imbalance' | 'deep_queue' | 'low_success' | 'no_capable_agent' | 'stale_agents' | 'old_ready_task';
  message: string;
  evidence: Record<string, Json>;
}

/** More ready tasks per slot than this is a deep queue. */
const deepFrom = 10;
/** A ready task older than this, in seconds, is old. */
const oldFromSeconds = 600;

/** Recommended actions, the most urgent first. None for an empty system, and not many for a large one. */
export function recommend(situation: Situation): Recommendation[] {
  return [
    recommendMissingCapabilities(situation),
    stale(situation),
    old(situation),
    deep(situation),
    unsuccessful(situation),
    uneven(situation),
  ].flat();
}

function recommendMissingCapabilities({ lanes, fleet }: Situation): Recommendation[] {
  const others = lanes.stuckLanes - lanes.stuck.length;
  return lanes.stuck.map(({ taskId, requirements, missing }) => {
    const what =
      missing.length > 0
        ? `no agent has ${missing.join(', ')}`
        : `no single agent has all of ${requirements.join(', ')}`;
    return {
      code: 'no_capable_agent',
      message: `Some ready tasks have no capable agent: ${fleet.agents === 0 ? 'no agent is registered' : what}. Register an agent with ${requirements.join(', ') || 'any capability'}.`,
      evidence: {
        task_id: taskId,
        requirements,
        missing_capabilities: missing,
        ...(others > 0 && { other_requirement_sets: others }),
      },
    };
  });
}

function stale({ fleet, queue }: Situation): Recommendation[] {
  if (fleet.stale === 0 || queue.pending + queue.assigned + queue.running === 0) return [];
  const message = `Agents not responding: ${fleet.stale} of ${fleet.active} active ones. They get no work: restart or deregister them.`;
  return [{ code: 'stale_agents', message, evidence: { count: fleet.stale, agents: fleet.unseen } }];
}

function old({ queue }: Situation): Recommendation[] {
  const seconds = queue.oldest_pending_seconds;
  if (seconds < oldFromSeconds) return [];
  const message = `A ready task has been waiting for ${Math.round(seconds / 60)} minutes. Use explain_task to see why, or add capable agents.`;
  return [{ code: 'old_ready_task', message, evidence: { oldest_pending_seconds: seconds } }];
}

function deep({ queue, fleet }: Situation): Recommendation[] {
  const slots = fleet.slots.active;
  if (slots === 0 || queue.pending <= deepFrom * slots) return [];
  const message = `${queue.pending} ready tasks are waiting for ${slots} slots. Add agents, or raise max_concurrent_tasks.`;
  return [{ code: 'deep_queue', message, evidence: { pending: queue.pending, slots } }];
}

function unsuccessful({ fleet }: Situation): Recommendation[] {
  const poor = Object.keys(fleet.poor);
  if (poor.length === 0) return [];
  const message = `Low success rate: ${firstOf(poor)}. Check the errors of their tasks, or drain them.`;
  return [{ code: 'low_success', message, evidence: { success_rates: fleet.poor } }];
}

function uneven({ fleet }: Situation): Recommendation[] {
  const { skew, capability } = skewOf(fleet);
  if (skew <= skewedFrom || capability === undefined) return [];
  const message = `Agents with ${capability} are loaded unevenly. Check success_rate of the idle ones and max_concurrent_tasks of the full ones.`;
  return [{ code: 'imbalance', message, evidence: { skew, capability } }];
}
