import * as contract from '../../contract/tasks.ts';
import { Refusal } from '../../contract/problem.ts';
import { decodeCursor, encodeCursor } from '../../wire/cursor.ts';
import { presentSummaries } from '../../wire/present-task.ts';
import { implement } from '../implement.ts';

export const listDependents = implement(contract.listDependents, async (ports, input) => {
  const { tasks } = ports;
  const { task_id: id, limit } = input;
  if (!(await tasks.get(id))) throw new Refusal('task_not_found', `Task ${id} not found.`);
  const page = await tasks.edges(id, decodeCursor(contract.listDependents.name, input).after, { limit });
  // Edges left by a refused request point to a child that does not exist, or to a different task.
  const hashes = new Map(page.items.map(({ childId, childHash }) => [childId, childHash]));
  const found = (await tasks.getMany([...hashes.keys()])).filter((task) => task.bodyHash === hashes.get(task.id));
  return {
    tasks: await presentSummaries(ports, found),
    ...(page.cursor !== undefined && {
      next_cursor: encodeCursor({ list: '', after: page.cursor }, contract.listDependents.name, input),
    }),
  };
});
