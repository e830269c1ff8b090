import type { Role } from '../../contract/nouns.ts';
import type { Code } from '../../contract/problem.ts';
import { parseAuthorization, keyRefusal } from '../../domain/access-key.ts';
import type { Ports } from '../../ports.ts';

/**
 * The holder of a request's key, or why the key is refused. A type, not an interface, because it is sent as plain JSON.
 */
export type Identity =
  | {
      keyId: string;
      role: Role;
      name?: string;
      agentId?: string;
      capabilities?: readonly string[];
      maximum?: number;
    }
  | { refusal: Code };

/** Identifies the caller by the Authorization header. */
export async function authenticate(
  { accessKeys, clock }: Pick<Ports, 'accessKeys' | 'clock'>,
  authorization: string | undefined,
): Promise<Identity> {
  const named = parseAuthorization(authorization);
  if (!named) return { refusal: 'invalid_key' };
  const key = await accessKeys.get(named.id);
  const refusal = keyRefusal(key, named.secret, clock.now());
  if (!key || refusal) return { refusal: refusal ?? 'invalid_key' };
  const { id: keyId, role, name, agentId, capabilities, maximum } = key;
  return {
    keyId,
    role,
    ...(name !== undefined && { name }),
    ...(agentId !== undefined && { agentId }),
    ...(capabilities && { capabilities }),
    ...(maximum !== undefined && { maximum }),
  };
}
