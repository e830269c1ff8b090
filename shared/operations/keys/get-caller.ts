import * as contract from '../../contract/keys.ts';
import { version } from '../../contract/version.ts';
import { implement } from '../implement.ts';

/** What the key of a call may do: a client can then offer that and nothing else. */
export const getCaller = implement(contract.getCaller, ({ deployment }, _input, caller) =>
  Promise.resolve({
    key_id: caller.keyId,
    role: caller.role,
    scopes: [...caller.scopes],
    ...(caller.agentId !== undefined && { agent_id: caller.agentId }),
    ...deployment,
    version,
  }),
);
