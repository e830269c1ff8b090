import { paced } from '../batches.ts';
import type { Status } from '../contract/nouns.ts';
import type { Ports } from '../ports.ts';
import { updateDependent, withChildren, type Dependent, type Parent } from '../steps/update-dependents.ts';

/** How many dependents are told at the same time. */
const releasesAtOnce = 25;

/** How often everybody is told again because the task changed while they were being told. */
const releaseRounds = 5;

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

function tellAll(ports: Ports, parent: Parent, { hasTime, isRepeat }: Required<ReleaseOptions>): Promise<boolean> {
  return paced(
    dependentsOf(ports, parent.id, isRepeat),
    { atOnce: releasesAtOnce, isBusy: ports.isUnavailable, hasTime },
    async (dependent) => {
      await updateDependent(ports, parent, dependent);
    },
  );
}

async function* dependentsOf(ports: Ports, id: string, isRepeat: boolean): AsyncGenerator<Dependent[]> {
  let cursor: string | undefined;
  do {
    const page = await ports.tasks.edges(id, cursor);
    yield await withChildren(ports, page.items, isRepeat ? 'all' : 'where_it_helps');
    cursor = page.cursor;
  } while (cursor !== undefined);
}
