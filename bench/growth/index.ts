import { capableAgents, heldTasks, servableLanes } from './agents.ts';
import { fanIn, fanOut } from './dependencies.ts';
import { backlog, graphTasks } from './queue.ts';
import type { Growth } from './growth.ts';

/** All growth tables, at all sizes or only at those that take seconds. */
export const growths = (full: boolean): Growth[] => [
  heldTasks(full ? [1, 5, 10, 20, 40, 80] : [1, 10, 20]),
  servableLanes(full ? [1, 10, 50, 100, 200] : [1, 10, 20]),
  capableAgents(full ? [10, 100, 300, 1000] : [10, 100]),
  fanOut(full ? [1, 10, 100, 1000, 10_000] : [1, 10, 100]),
  fanIn(full ? [1, 10, 100, 1000] : [1, 10, 100]),
  backlog(full ? [100, 1000, 10_000, 100_000] : [100, 1000]),
  graphTasks(full ? [1, 10, 100, 1000] : [1, 10, 100]),
];
