import * as contract from '../../contract/agents.ts';
import { describeAgent } from '../../steps/describe-agent.ts';
import { implement } from '../implement.ts';

export const getAgent = implement(contract.getAgent, (ports, { agent_id: id }) => describeAgent(ports, id));
