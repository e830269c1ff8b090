import { paced } from '../batches.ts';
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

type Parent = Pick<TaskRecord, 'id' | 'status'>;

interface ReleaseOptions {
  /** False when it should stop soon. */
  hasTime?: () => boolean;
  /** Some dependents have been told before: reading them all costs less than telling them again. */
  isRepeat?: boolean;
}

/**
 * Tells every dependent of a task how the task stands now, by a consistent look at it where that can change: events may
 * come late, twice or in any order. A dependent whose last dependency is met becomes pending.
 * @param parent as the event told it
 * @returns whether all have been told; if not, it must be repeated
 */
export async function releaseDependents(
  ports: Ports,
  { id, status }: Parent,
  { hasTime = () => true, isRepeat = false }: ReleaseOptions = {},
): Promise<boolean> {
  // Completed is for good, whenever it was told. Anything else may have changed since, and while everybody is told.
  if (status === 'completed') return tellAll(ports, { id, status }, { hasTime, isRepeat });
  let told: Status | undefined;
  for (let round = 0; round < releaseRounds; round += 1) {
    const parent = await ports.tasks.get(id);
    if (!parent || parent.status === told) return true;
    if (!(await tellAll(ports, parent, { hasTime, isRepeat }))) return false;
    told = parent.status;
  }
  return false;
}

interface Dependent {
  edge: Edge;
  /** As it was a moment ago, where it was read. */
  child: TaskRecord | undefined;
}

function tellAll(ports: Ports, parent: Parent, { hasTime, isRepeat }: Required<ReleaseOptions>): Promise<boolean> {
  return paced(
    dependentsOf(ports, parent.id, isRepeat),
    { atOnce: releasesAtOnce, isBusy: ports.isUnavailable, hasTime },
    (dependent) => tell(ports, parent, dependent),
  );
}

async function* dependentsOf({ tasks }: Ports, id: string, isRepeat: boolean): AsyncGenerator<Dependent[]> {
  let cursor: string | undefined;
  do {
    const page = await tasks.edges(id, cursor);
    const read = page.items.filter(({ need }) => isRepeat || need > 1).map(({ childId }) => childId);
    const children = new Map((await tasks.getMany(read)).map((child) => [child.id, child]));
    yield page.items.map((edge) => ({ edge, child: children.get(edge.childId) }));
    cursor = page.cursor;
  } while (cursor !== undefined);
}

async function tell(ports: Ports, parent: Parent, { edge, child }: Dependent): Promise<void> {
  const how = countsAs(parent.status, edge.policy);
  if (how === 'met' && wasReleased(edge, child)) return;
  if (how === 'met' && isLast(edge, child)) {
    const { tasks, clock, settings } = ports;
    const { applied } = await tasks.apply(edge.childId, releaseLast(edge, clock.now(), settings));
    if (applied) return;
  }
  const state = how === 'met' ? 'met' : how === 'failed' ? 'failed' : 'unfailed';
  const informed = await ports.tasks.recordDependency(edge, state, ports.clock.now());
  if (informed) await takeDependencySteps(ports, informed);
}

/** Whether the child has counted this dependency and gone on since: what is met stays met, however old the read is. */
function wasReleased({ childHash, ordinal }: Edge, child: TaskRecord | undefined): boolean {
  if (child?.bodyHash !== childHash || !child.done.includes(ordinal)) return false;
  return child.status !== 'waiting' && child.status !== 'blocked';
}

/** Whether this dependency seems to be the last one: then one write does it. What the write finds decides. */
function isLast(edge: Edge, child: TaskRecord | undefined): boolean {
  if (edge.need === 1) return true;
  return child !== undefined && child.done.length === edge.need - 1 && !child.done.includes(edge.ordinal);
}
