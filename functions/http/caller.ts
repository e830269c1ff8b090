import { scopesOf } from '#shared/contract/operation.ts';
import { Refusal, type Code } from '#shared/contract/problem.ts';
import type { Identity } from '#shared/operations/keys/authenticate.ts';
import type { Caller } from '#shared/domain/caller.ts';
import { settingDefaults } from '#shared/schema.ts';
import type { HttpRequest } from './http-request.ts';

/** The caller of a public operation. */
export const anyone: Caller = { keyId: 'none', role: 'viewer', scopes: [] };

const details: Partial<Record<Code, string>> = {
  invalid_key: 'The Authorization header does not contain a valid key.',
  expired_key: 'The key in the Authorization header has expired.',
  revoked_key: 'The key in the Authorization header was revoked.',
  unavailable: 'The key could not be verified.',
};

/**
 * The caller as identified by the authorizer; refuses on its behalf if it found the key invalid.
 * @param retryAfterSeconds when to try again if the authorizer could not read keys. Default: when API Gateway's cached
 * result expires, with the default setting
 * @throws Refusal with the reason why the key is refused
 */
export function identifyCaller(
  { requestContext, headers }: HttpRequest,
  retryAfterSeconds: number = settingDefaults.authorizerCacheSeconds,
): Caller {
  const identity = readIdentity(requestContext.authorizer?.lambda);
  if ('refusal' in identity) {
    const { refusal } = identity;
    const isMissing = refusal === 'invalid_key' && !hasKey(headers);
    const detail = isMissing ? 'The request has no API key.' : details[refusal];
    throw new Refusal(
      refusal,
      detail ?? 'The key was refused.',
      refusal === 'unavailable' ? { retryAfterSeconds } : {},
    );
  }
  return { ...identity, scopes: scopesOf[identity.role] };
}

/** Whether a request has any key. */
export const hasKey = ({ authorization = '' }: HttpRequest['headers']) => authorization !== '';

/** The authorizer's context. A request without one was not authorized, for whatever reason. */
const readIdentity = (context: unknown): Identity => (isIdentity(context) ? context : { refusal: 'invalid_key' });

/** The authorizer may be the operator's own: without an agent, the role agent would act for all agents. */
const isIdentity = (context: unknown): context is Identity =>
  typeof context === 'object' &&
  context !== null &&
  ('refusal' in context ||
    ('keyId' in context &&
      'role' in context &&
      Object.hasOwn(scopesOf, String(context.role)) &&
      (context.role !== 'agent' || 'agentId' in context)));
