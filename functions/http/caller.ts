import { scopesOf } from '#shared/contract/operation.ts';
import { Refusal, type Code } from '#shared/contract/problem.ts';
import type { Identity } from '#shared/operations/keys/authenticate.ts';
import type { Caller } from '#shared/domain/caller.ts';
import { settingDefaults } from '#shared/schema.ts';
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
export function identifyCaller({ requestContext }: HttpRequest): Caller {
  const identity = readIdentity(requestContext.authorizer?.lambda);
  if ('refusal' in identity) {
    // API Gateway keeps for so long, unless it is set otherwise, that the authorizer could not say anything.
    const { authorizerCacheSeconds: retryAfterSeconds } = settingDefaults;
    const wait = identity.refusal === 'unavailable' ? { retryAfterSeconds } : {};
    throw new Refusal(identity.refusal, details[identity.refusal] ?? 'The key was refused.', wait);
  }
  return { ...identity, scopes: scopesOf[identity.role] };
}

/** The authorizer's context. A request that has none was not authorized, whatever the reason. */
const readIdentity = (context: unknown): Identity => (isIdentity(context) ? context : { refusal: 'invalid_key' });

const isIdentity = (context: unknown): context is Identity =>
  typeof context === 'object' &&
  context !== null &&
  ('refusal' in context || ('keyId' in context && 'role' in context));
