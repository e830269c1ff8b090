import * as contract from '../../contract/statistics.ts';
import { recountOpenTasks } from '../../steps/recount-open-tasks.ts';
import { implement } from '../implement.ts';

/** The time budget of a request; API Gateway waits 30 seconds. */
const requestMs = 15_000;

export const recount = implement(contract.recount, async (ports, { cursor }) => {
  const until = ports.clock.now() + requestMs;
  if (cursor !== undefined && (await ports.recounts.latest()).ended >= Number(cursor)) return { tasks: 0 };
  const { recount: number, tasks, isDone } = await recountOpenTasks(ports, () => ports.clock.now() < until);
  return { tasks, ...(!isDone && { next_cursor: String(number) }) };
});
