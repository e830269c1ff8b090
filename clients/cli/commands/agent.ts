import type { Command } from 'commander';
import { addList, addOperation } from '../operation-command.ts';
import { details } from '../views/details.ts';
import { agentColumns, agentTable, taskTable } from '../views/tables.ts';

export function addAgentCommands(program: Command): void {
  const agent = program.command('agent').description('Register, inspect and manage agents');
  addOperation(agent, { name: 'register', operation: 'register_agent', positional: ['agent_id'], show: agentTable });
  addList(agent, {
    operation: 'find_agents',
    columns: agentColumns,
    rows: (client, filter) => client.agents(filter),
  });
  addOperation(agent, { name: 'get', operation: 'get_agent', show: details });
  addOperation(agent, { name: 'health', operation: 'get_agent_health', show: details });
  addOperation(agent, { name: 'drain', operation: 'drain_agent', show: agentTable });
  addOperation(agent, { name: 'resume', operation: 'resume_agent', show: agentTable });
  addOperation(agent, { name: 'deregister', operation: 'deregister_agent', show: details });
  addOperation(agent, { name: 'learn', operation: 'learn_capability', positional: ['capability'], show: agentTable });
  addOperation(agent, {
    name: 'claim',
    operation: 'claim_tasks',
    show: ({ tasks }) => (tasks.length === 0 ? 'None.' : taskTable(...tasks)),
  });
}
