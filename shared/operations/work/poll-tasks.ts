import * as contract from '../../contract/work.ts';
import { isOneOf } from '../../contract/task.ts';
import { Refusal } from '../../contract/problem.ts';
import { isExcluded } from '../../domain/agent.ts';
import { isIn, type HeldTask, type TaskRecord } from '../../domain/task.ts';
import type { Ports } from '../../ports.ts';
import { isOwnAgent } from '../../domain/caller.ts';
import { implement } from '../implement.ts';
import { firstInLanes } from '../../steps/lane-heads.ts';
import { claimKb, withinKb } from '../../steps/payload-size.ts';
import { refreshAgent } from '../../steps/last-seen.ts';
import { presentTasks } from '../../wire/present-task.ts';

export const pollTasks = implement(contract.pollTasks, async (ports, { agent_id: named, status, limit }, caller) => {
  const agentId = named ?? caller.agentId;
  // An admin polls on behalf of the named agent; an agent that polls for another one does not count as that agent being
  // seen.
  const isSeen = caller.scopes.includes('tasks:work') && isOwnAgent(caller.agentId ?? agentId ?? '', agentId ?? '');
  const found =
    agentId === undefined
      ? await tasksOfAll(ports, status, limit)
      : await tasksOfAgent(ports, agentId, status, limit, isSeen);
  const presented = await presentTasks(ports, withinKb(found, claimKb));
  const tasks = presented.filter((task) => isOneOf(task, ['pending', 'assigned', 'running']));
  return { count: tasks.length, tasks: tasks.map(({ history: _history, ...task }) => task) };
});

type Polled = 'pending' | HeldTask['status'];

async function tasksOfAgent(
  ports: Ports,
  agentId: string,
  status: Polled | undefined,
  limit: number,
  isSeen: boolean,
): Promise<TaskRecord[]> {
  const { agents, tasks, lanes } = ports;
  const agent = await agents.get(agentId);
  if (!agent) throw new Refusal('agent_not_found', `Agent ${agentId} not found.`);
  if (isSeen) await refreshAgent(ports, agent);
  if (status === 'pending') {
    const profile = (await agents.profiles([agent])).get(agentId);
    const open = await firstInLanes(ports, await lanes.servable(profile?.capabilities ?? {}, { fresh: true }), limit);
    return open.filter((task) => !isExcluded(agentId, task, ports.clock.now()));
  }
  const held = (await tasks.getMany(Object.keys(agent.inbox), { consistent: true }))
    .filter((task) => isIn(task, status ? [status] : ['assigned', 'running']))
    .filter((task) => task.offer === agent.inbox[task.id]);
  return held.sort((one, other) => one.assignedAt - other.assignedAt).slice(0, limit);
}

/** The maximum number of index entries read for one response; query_tasks pages through the rest. */
const maxEntriesRead = 200;

async function tasksOfAll(ports: Ports, status: Polled | undefined = 'pending', limit: number): Promise<TaskRecord[]> {
  if (status === 'pending') return firstInLanes(ports, await ports.lanes.all(), limit);
  const entries = await ports.listings.page({ of: 'timers' }, maxEntriesRead, {});
  const found = await ports.tasks.getMany(entries.map(({ id }) => id));
  return found.filter((task) => task.status === status).slice(0, limit);
}
