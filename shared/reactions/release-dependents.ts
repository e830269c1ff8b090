import { inBatches } from '../batches.ts';
import type { Status } from '../contract/nouns.ts';
import { countsAs, releaseLast } from '../domain/dependencies.ts';
import type { Edge } from '../domain/edge.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import { takeDependencySteps } from '../steps/dependency-steps.ts';

/** How many dependents are told at the same time. */
const releasesAtOnce = 25;

/** How often everybody is told again because the task changed while they were being told. */
const releaseRounds = 5;

/**
 * Tells every dependent of a task how the task stands now, by a consistent look at it where that can change: events may
 * come late, twice or in any order.
 * @param parent as the event told it A dependent whose last dependency is met becomes pending.
 */
export async function releaseDependents(ports: Ports, { id, status }: Parent): Promise<void> {
  // Completed is for good, whenever it was told. Anything else may have changed since, and while everybody is told.
  if (status === 'completed') return tellAll(ports, { id, status });
  let told: Status | undefined;
  for (let round = 0; round < releaseRounds; round += 1) {
    const parent = await ports.tasks.get(id);
    if (!parent || parent.status === told) return;
    await tellAll(ports, parent);
    told = parent.status;
  }
}

type Parent = Pick<TaskRecord, 'id' | 'status'>;

async function tellAll(ports: Ports, parent: Parent): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await ports.tasks.edges(parent.id, cursor);
    const others = page.items.filter((edge) => edge.need > 1).map((edge) => edge.childId);
    const children = new Map((await ports.tasks.getMany(others)).map((child) => [child.id, child]));
    await inBatches(page.items, releasesAtOnce, (edge) => tell(ports, parent, edge, children.get(edge.childId)));
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function tell(ports: Ports, parent: Parent, edge: Edge, child: TaskRecord | undefined): Promise<void> {
  const how = countsAs(parent.status, edge.policy);
  if (how === 'met' && isLast(edge, child)) {
    const { tasks, clock, settings } = ports;
    const { applied } = await tasks.apply(edge.childId, releaseLast(edge, clock.now(), settings));
    if (applied) return;
  }
  const state = how === 'met' ? 'met' : how === 'failed' ? 'failed' : 'unfailed';
  const informed = await ports.tasks.recordDependency(edge, state, ports.clock.now());
  if (informed) await takeDependencySteps(ports, informed);
}

/** Whether this dependency seems to be the last one: then one write does it. What the write finds decides. */
function isLast(edge: Edge, child: TaskRecord | undefined): boolean {
  if (edge.need === 1) return true;
  return child !== undefined && child.done.length === edge.need - 1 && !child.done.includes(edge.ordinal);
}
