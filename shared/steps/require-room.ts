import { Refusal } from '../contract/problem.ts';
import type { Ports } from '../ports.ts';

/** Tasks end every second, and the counts follow within seconds. */
const retryAfterSeconds = 10;

/**
 * Refuses new tasks while too many are open. The counts lag and can be wrong: if they are in doubt, or cannot be read,
 * nothing is refused.
 * @param isRepeat whether everything requested already exists; a repeated request gets its response whatever the number
 * of open tasks
 * @throws Refusal too_many_open_tasks
 */
export async function requireRoom(
  { statistics, settings, isUnavailable }: Ports,
  isRepeat = () => Promise.resolve(false),
): Promise<void> {
  const { maxOpenTasks } = settings;
  const open = await statistics.openTasks(maxOpenTasks).catch((error: unknown) => {
    if (isUnavailable(error)) return undefined;
    throw error;
  });
  if (open === undefined || open < maxOpenTasks || (await isRepeat())) return;
  throw new Refusal('too_many_open_tasks', `${open} tasks are open; the maximum is ${maxOpenTasks}.`, {
    retryAfterSeconds,
  });
}
