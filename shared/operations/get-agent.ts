import * as contract from '../contract/agents.ts';
import { describeAgent } from './describe-agent.ts';
import { implement } from './implement.ts';

export const getAgent = implement(contract.getAgent, (ports, { agent_id: id }) => describeAgent(ports, id));
