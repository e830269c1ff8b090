import { agentIdentity } from '../api.ts';
import type { Clients } from './clients.ts';

/** How long after the last fault everything must be settled: longer than any delay before a check. */
const settledWithinMs = 3 * 3_600_000;
/** How many rounds agents work while the sweep visits all of them in turn, which takes about twenty minutes. */
const visitedWithinTicks = 40;

/** One process for each agent, whatever ran it before. */
const instance = 'settling';

type Given = { task_id: string; attempt: number }[];

/** Lets fully capable agents work until nothing is left to do, and nothing new has appeared a while later. */
export async function settle(clients: Clients): Promise<void> {
  const end = clients.now() + settledWithinMs;
  for (const name of clients.agentNames) await clients.register(name, { instance, takeover: true });
  do {
    for (let tick = 0; clients.now() < end && !clients.isSettled(); tick += 1) {
      for (const name of clients.agentNames) await serve(clients, name);
      await clients.sleep(tick < 20 ? 30_000 : 120_000);
    }
    for (let tick = 0; tick < visitedWithinTicks && !clients.areAllAgentsFound(); tick += 1) {
      for (const name of clients.agentNames) await serve(clients, name);
      await clients.sleep(120_000);
    }
    await clients.sleep(60_500);
  } while (clients.now() < end && !clients.isSettled());
}

/** Does all work that the agent gets. It lists nothing that it holds, so it gets that too. */
async function serve(clients: Clients, name: string): Promise<void> {
  await clients.request('resume_agent', { agent_id: name }, agentIdentity(name));
  if (!clients.isServing(name)) await clients.register(name, { instance, takeover: true });
  for (;;) {
    const claim = { agent_id: name, instance, limit: 10, holding: [] };
    const { body } = await clients.request('claim_tasks', claim, agentIdentity(name));
    const given = (body['tasks'] ?? []) as Given;
    if (given.length === 0) return;
    for (const { task_id, attempt } of given) {
      await clients.request('complete_task', { task_id, attempt, instance, result: 'settled' }, agentIdentity(name));
    }
  }
}
