/** A ready task that no agent can do. */
export interface StuckTask {
  taskId: string;
  requirements: string[];
  /** Those of them that no agent has. */
  missing: string[];
}

/** All there is to say about some lanes, small however many they are. */
export interface LaneSummary {
  /** Since when the head of a lane that has waited longest is ready; null where all lanes are empty. */
  oldestReadyAt: number | null;
  /** How many of them have ready work; absent where an earlier version has summed them up. */
  withWork?: number;
  /** Some of the heads of lanes that no agent can serve, and how many there are. */
  stuck: StuckTask[];
  stuckLanes: number;
}

const maxStuck = 10;

export const noLanes: LaneSummary = { oldestReadyAt: null, withWork: 0, stuck: [], stuckLanes: 0 };

/** For how many seconds the task that has waited longest has been ready; 0 where none is. */
export const oldestReadySeconds = ({ oldestReadyAt }: Pick<LaneSummary, 'oldestReadyAt'>, now: number): number =>
  oldestReadyAt === null ? 0 : Math.max(0, now - oldestReadyAt) / 1000;

/** Two parts of the lanes as one. */
export function mergedLanes(one: LaneSummary, other: LaneSummary): LaneSummary {
  const since = [one.oldestReadyAt, other.oldestReadyAt].filter((at) => at !== null);
  return {
    oldestReadyAt: since.length === 0 ? null : Math.min(...since),
    withWork: (one.withWork ?? 0) + (other.withWork ?? 0),
    stuck: [...one.stuck, ...other.stuck].slice(0, maxStuck),
    stuckLanes: one.stuckLanes + other.stuckLanes,
  };
}
