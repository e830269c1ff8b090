import * as contract from '../../contract/agents.ts';
import type { Agent } from '../../contract/nouns.ts';
import { isCapable, unavailable } from '../../domain/agent.ts';
import { decodeCursor, encodeCursor } from '../../wire/cursor.ts';
import { implement } from '../implement.ts';
import { presentAgent } from '../../wire/present-agent.ts';

/** The maximum number of pages of agents that one call searches; agents that do not match leave a page short. */
const maxPages = 8;

export const findAgents = implement(contract.findAgents, async (ports, input) => {
  const { agents, clock, settings } = ports;
  const { requirements, exclude_agents: excluded, available, limit } = input;
  const now = clock.now();
  const found: Agent[] = [];
  let after = decodeCursor(contract.findAgents.name, input).after;
  for (let n = 0; n < maxPages && found.length < limit; n += 1) {
    const page = await agents.list(requirements[0], limit - found.length, after);
    const records = await agents.getMany(page.items.filter((id) => !excluded.includes(id)));
    const profiles = await agents.profiles(records);
    for (const agent of records) {
      const profile = profiles.get(agent.id);
      if (!isCapable(profile?.capabilities ?? {}, requirements)) continue;
      if (available && unavailable(agent, { excluded: {} }, now, settings)) continue;
      found.push(presentAgent(agent, profile, now, settings));
    }
    after = page.cursor;
    if (after === undefined) break;
  }
  return {
    agents: found,
    ...(after !== undefined && { next_cursor: encodeCursor({ list: '', after }, contract.findAgents.name, input) }),
  };
});
