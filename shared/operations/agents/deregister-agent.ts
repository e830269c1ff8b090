import * as contract from '../../contract/agents.ts';
import { requeue } from '../../domain/holding.ts';
import { isHeld } from '../../domain/task.ts';
import { implement } from '../implement.ts';
import { actingAgent } from '../../domain/caller.ts';

/** The agent goes first, so that it gets nothing new. What a process that dies after that does not give back, the sweep does. */
export const deregisterAgent = implement(contract.deregisterAgent, async (ports, { agent_id: named }, caller) => {
  const { agents, tasks, clock, settings } = ports;
  const id = actingAgent(caller, named) ?? named;
  const read = await agents.get(id);
  // Gone without an answer: an earlier try of this very write removed it.
  const agent = (await agents.deregister(id)) ?? ((await agents.get(id)) ? undefined : read);
  const held = await tasks.getMany(Object.keys(agent?.inbox ?? {}), { consistent: true });
  const requeued = await Promise.all(
    held.map(async (task) => {
      if (!isHeld(task) || task.offer !== agent?.inbox[task.id]) return [];
      const why = { cause: 'deregistered' } as const;
      const { applied } = await tasks.apply(task.id, requeue(task, why, clock.now(), settings));
      return applied ? [task.id] : [];
    }),
  );
  return { agent_id: id, deregistered: agent !== undefined, requeued: requeued.flat() };
});
