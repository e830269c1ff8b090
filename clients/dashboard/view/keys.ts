import type { KeySummary } from '#shared/contract/keys.ts';

export const roles = ['agent', 'producer', 'viewer', 'admin'] as const satisfies readonly KeySummary['role'][];

/** What a key of each role is for. */
export const meaningOfRole: Readonly<Record<KeySummary['role'], string>> = {
  agent: 'Can read everything, work on tasks and register its own agent.',
  producer: 'Can create, cancel and retry tasks, and read everything.',
  viewer: 'Can read everything and change nothing.',
  admin: 'Can do everything, including managing keys.',
};

/** Whether a key is valid, and if not, why. */
export function keyState({ expires_at, revoked_at }: KeySummary, now: number): 'valid' | 'revoked' | 'expired' {
  if (revoked_at !== undefined) return 'revoked';
  return expires_at !== undefined && Date.parse(expires_at) <= now ? 'expired' : 'valid';
}
