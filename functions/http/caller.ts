import type { MiddlewareObj } from '@middy/core';
import { scopesOf } from '#shared/contract/operation.ts';
import { Refusal, type Code } from '#shared/contract/problem.ts';
import { authenticate, type Identity } from '#shared/operations/keys/authenticate.ts';
import type { Caller } from '#shared/domain/caller.ts';
import type { Ports } from '#shared/ports.ts';
import type { AuthorizedRequest } from './http-request.ts';

/** Who calls a public operation. */
const anyone: Caller = { keyId: 'none', role: 'viewer', scopes: [] };

const details: Partial<Record<Code, string>> = {
  invalid_key: 'The Authorization header does not contain a valid key.',
  expired_key: 'The key in the Authorization header has expired.',
  revoked_key: 'The key in the Authorization header was revoked.',
  unavailable: 'The key could not be verified.',
};

/** Takes over what the authorizer has found out, and answers for it where it refused the key. */
export function identifyCaller(ports: Pick<Ports, 'accessKeys' | 'clock'>): MiddlewareObj<AuthorizedRequest> {
  return {
    async before({ event }) {
      event.caller = event.operation?.scope === 'public' ? anyone : await callerOf(event, ports);
    },
  };
}

async function callerOf(event: AuthorizedRequest, ports: Pick<Ports, 'accessKeys' | 'clock'>): Promise<Caller> {
  let identity = readIdentity(event);
  // API Gateway caches what the authorizer answers: one moment of trouble must not lock a good key out for a minute.
  if ('refusal' in identity && identity.refusal === 'unavailable') {
    identity = await authenticate(ports, event.headers['authorization']);
  }
  if ('refusal' in identity) {
    throw new Refusal(identity.refusal, details[identity.refusal] ?? 'The key was refused.');
  }
  return { ...identity, scopes: scopesOf[identity.role] };
}

/** The authorizer's context. A request that has none was not authorized, whatever the reason. */
function readIdentity({ requestContext }: AuthorizedRequest): Identity {
  const { authorizer } = requestContext as { authorizer?: { lambda?: Partial<Identity> | null } };
  const context = authorizer?.lambda;
  const isComplete = context && ('refusal' in context || ('keyId' in context && 'role' in context));
  return isComplete ? (context as Identity) : { refusal: 'invalid_key' };
}
