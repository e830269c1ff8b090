import { paced } from '../batches.ts';
import type { Status } from '../contract/nouns.ts';
import type { Ports } from '../ports.ts';
import { updateDependent, withChildren, type Dependent, type Parent } from '../steps/update-dependents.ts';

/** How many dependents are updated concurrently. */
const releasesAtOnce = 25;

/** How many rounds to make if the task changes while its dependents are being updated. */
const releaseRounds = 5;

interface ReleaseOptions {
  /** Returns false when it should stop soon. */
  hasTime?: () => boolean;
  /** Some dependents were updated before; reading them all costs less than updating them again. */
  isRepeat?: boolean;
}

/**
 * Updates every dependent of a task with the task's current status, read consistently if it can change, since events
 * may arrive late, twice or in any order. A dependent whose last dependency is met becomes pending.
 * @param parent the task according to the event
 * @returns whether all dependents were updated; if not, repeat
 */
export async function releaseDependents(
  ports: Ports,
  { id, status }: Parent,
  { hasTime = () => true, isRepeat = false }: ReleaseOptions = {},
): Promise<boolean> {
  // Completed is permanent, however old the event. Any other status may have changed since, or may change while
  // dependents are being updated.
  if (status === 'completed') return updateAll(ports, { id, status }, { hasTime, isRepeat });
  let lastStatus: Status | undefined;
  for (let round = 0; round < releaseRounds; round += 1) {
    const parent = await ports.tasks.get(id);
    if (!parent || parent.status === lastStatus) return true;
    if (!(await updateAll(ports, parent, { hasTime, isRepeat }))) return false;
    lastStatus = parent.status;
  }
  return false;
}

function updateAll(ports: Ports, parent: Parent, { hasTime, isRepeat }: Required<ReleaseOptions>): Promise<boolean> {
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
