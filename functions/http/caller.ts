import { scopesOf } from '#shared/contract/operation.ts';
import { Refusal, type Code } from '#shared/contract/problem.ts';
import { authenticate, type Identity } from '#shared/operations/keys/authenticate.ts';
import type { Caller } from '#shared/domain/caller.ts';
import type { Ports } from '#shared/ports.ts';
import type { HttpRequest } from './http-request.ts';

/** Who calls a public operation. */
export const anyone: Caller = { keyId: 'none', role: 'viewer', scopes: [] };

const details: Partial<Record<Code, string>> = {
  invalid_key: 'The Authorization header does not contain a valid key.',
  expired_key: 'The key in the Authorization header has expired.',
  revoked_key: 'The key in the Authorization header was revoked.',
  unavailable: 'The key could not be verified.',
};

/**
 * Takes over what the authorizer has found out, and answers for it where it refused the key.
 * @throws Refusal as the key is refused
 */
export async function identifyCaller(
  { headers, requestContext }: HttpRequest,
  ports: Pick<Ports, 'accessKeys' | 'clock'>,
): Promise<Caller> {
  let identity = readIdentity(requestContext.authorizer?.lambda);
  // API Gateway caches what the authorizer answers: one moment of trouble must not lock a good key out for a minute.
  if ('refusal' in identity && identity.refusal === 'unavailable') {
    identity = await authenticate(ports, headers['authorization']);
  }
  if ('refusal' in identity) {
    throw new Refusal(identity.refusal, details[identity.refusal] ?? 'The key was refused.');
  }
  return { ...identity, scopes: scopesOf[identity.role] };
}

/** The authorizer's context. A request that has none was not authorized, whatever the reason. */
const readIdentity = (context: unknown): Identity => (isIdentity(context) ? context : { refusal: 'invalid_key' });

const isIdentity = (context: unknown): context is Identity =>
  typeof context === 'object' &&
  context !== null &&
  ('refusal' in context || ('keyId' in context && 'role' in context));
