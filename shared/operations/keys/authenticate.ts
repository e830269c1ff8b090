import type { Role } from '../../contract/nouns.ts';
import type { Code } from '../../contract/problem.ts';
import { parseAuthorization, keyRefusal } from '../../domain/access-key.ts';
import type { Ports } from '../../ports.ts';

/** Who holds the key of a request, or why the key is refused. A type, not an interface: it is sent as plain JSON. */
export type Identity =
  | { keyId: string; role: Role; agentId?: string; capabilities?: readonly string[]; maximum?: number }
  | { refusal: Code };

/** Finds out who is calling by the header Authorization. */
export async function authenticate(
  { accessKeys, clock }: Pick<Ports, 'accessKeys' | 'clock'>,
  authorization: string | undefined,
): Promise<Identity> {
  const named = parseAuthorization(authorization);
  if (!named) return { refusal: 'invalid_key' };
  const key = await accessKeys.get(named.id);
  const refusal = keyRefusal(key, named.secret, clock.now());
  if (!key || refusal) return { refusal: refusal ?? 'invalid_key' };
  const { id: keyId, role, agentId, capabilities, maximum } = key;
  return {
    keyId,
    role,
    ...(agentId !== undefined && { agentId }),
    ...(capabilities && { capabilities }),
    ...(maximum !== undefined && { maximum }),
  };
}
