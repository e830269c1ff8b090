/** A ready task that no agent can do. */
export interface StuckTask {
  taskId: string;
  requirements: string[];
  /** The requirements that no agent has. */
  missing: string[];
}

/** A summary of some lanes, small however many there are. */
export interface LaneSummary {
  /** When the longest-waiting lane head became ready; null if all lanes are empty. */
  oldestReadyAt: number | null;
  /** Number of lanes with ready work; absent if an earlier version wrote the summary. */
  withWork?: number;
  /** Some lane heads that no agent can serve, and their total number. */
  stuck: StuckTask[];
  stuckLanes: number;
}

const maxStuck = 10;

export const noLanes: LaneSummary = { oldestReadyAt: null, withWork: 0, stuck: [], stuckLanes: 0 };

/** How long the longest-waiting task has been ready, in seconds; 0 if none is. */
export const oldestReadySeconds = ({ oldestReadyAt }: Pick<LaneSummary, 'oldestReadyAt'>, now: number): number =>
  oldestReadyAt === null ? 0 : Math.max(0, now - oldestReadyAt) / 1000;

/** Merges two summaries. */
export function mergedLanes(one: LaneSummary, other: LaneSummary): LaneSummary {
  const since = [one.oldestReadyAt, other.oldestReadyAt].filter((at) => at !== null);
  return {
    oldestReadyAt: since.length === 0 ? null : Math.min(...since),
    withWork: (one.withWork ?? 0) + (other.withWork ?? 0),
    stuck: [...one.stuck, ...other.stuck].slice(0, maxStuck),
    stuckLanes: one.stuckLanes + other.stuckLanes,
  };
}
