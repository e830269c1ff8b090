import { inBatches } from '../batches.ts';
import { Refusal } from '../contract/problem.ts';
import { laneName, type Lane } from '../domain/lane.ts';
import type { Ports } from '../ports.ts';
import { lanesAtOnce } from './lane-heads.ts';

/**
 * Ensures that the lanes of new tasks are registered, before anything else is written.
 * @throws Refusal too_many_lanes
 */
export async function registerLanes({ lanes, settings }: Ports, wanted: readonly Lane[]): Promise<void> {
  const distinct = new Map(wanted.map((lane) => [laneName(lane), lane]));
  await inBatches([...distinct.values()], lanesAtOnce, async (lane) => {
    const leastUsed = await lanes.register(lane);
    if (!leastUsed) return;
    const names = leastUsed.map(({ requirements }) => requirements.join(', ') || 'none');
    throw new Refusal(
      'too_many_lanes',
      `No task may require ${lane.requirements.join(', ') || 'nothing'}: ${settings.maxLanes} other sets of requirements are in use. Least used: ${names.join('; ')}.`,
    );
  });
}
