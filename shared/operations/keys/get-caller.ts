import * as contract from '../../contract/keys.ts';
import { version } from '../../contract/version.ts';
import { implement } from '../implement.ts';

/** What the caller's key may do, so that a client can offer exactly that. */
export const getCaller = implement(contract.getCaller, ({ deployment }, _input, caller) =>
  Promise.resolve({
    key_id: caller.keyId,
    ...(caller.name !== undefined && { name: caller.name }),
    role: caller.role,
    scopes: [...caller.scopes],
    ...(caller.agentId !== undefined && { agent_id: caller.agentId }),
    ...deployment,
    version,
  }),
);
