import * as contract from '../contract/agents.ts';
import { isCapable, unavailable } from '../domain/agent.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { implement } from './implement.ts';
import { presentAgent } from './present.ts';

export const findAgents = implement(contract.findAgents, async (ports, input) => {
  const { agents, clock, settings } = ports;
  const { requirements, exclude_agents: excluded, available, limit } = input;
  const after = decodeCursor(input).after;
  const page = await agents.list(requirements[0], limit, after);
  const records = await agents.getMany(page.items.filter((id) => !excluded.includes(id)));
  const profiles = await agents.profiles(records);
  const now = clock.now();
  const found = records.filter(
    (agent) =>
      isCapable(profiles.get(agent.id)?.capabilities ?? {}, requirements) &&
      !(available && unavailable(agent, { excluded: {} }, now, settings)),
  );
  return {
    agents: found.map((agent) => presentAgent(agent, profiles.get(agent.id), now, settings)),
    ...(page.cursor !== undefined && { next_cursor: encodeCursor({ list: '', after: page.cursor }, input) }),
  };
});
