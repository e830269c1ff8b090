import type { KeySummary } from '../contract/keys.ts';
import type { AccessKeyRecord } from '../domain/access-key.ts';

/** The parts of a stored key that may be shown. */
export function presentAccessKey(key: AccessKeyRecord): KeySummary {
  const instant = (time: number) => new Date(time).toISOString();
  return {
    key_id: key.id,
    role: key.role,
    ...(key.agentId !== undefined && { agent_id: key.agentId }),
    ...(key.capabilities && { capabilities: [...key.capabilities] }),
    ...(key.maximum !== undefined && { max_concurrent_tasks: key.maximum }),
    ...(key.name !== undefined && { name: key.name }),
    created_at: instant(key.createdAt),
    ...(key.expiresAt !== undefined && { expires_at: instant(key.expiresAt) }),
    ...(key.revokedAt !== undefined && { revoked_at: instant(key.revokedAt) }),
  };
}
