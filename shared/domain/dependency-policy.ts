import type { DependencyPolicy } from '../contract/nouns.ts';

/** The ordinals of dependencies whose policy differs from their task's. */
export type OtherPolicies = Partial<Record<DependencyPolicy, readonly number[]>>;

/** What the failure of each dependency means for a task. */
export interface Policies {
  policy: DependencyPolicy;
  otherPolicies?: OtherPolicies;
}

/** What the failure of one dependency means for a task. */
export function policyOf({ policy, otherPolicies = {} }: Policies, ordinal: number): DependencyPolicy {
  const [other] = Object.entries(otherPolicies).find(([, ordinals]) => ordinals.includes(ordinal)) ?? [];
  return (other as DependencyPolicy | undefined) ?? policy;
}

/**
 * The ordinals of dependencies whose policy differs from the task's; undefined if there are none.
 * @param policies by dependency id
 */
export function otherPolicies(
  dependencies: readonly string[],
  policies: ReadonlyMap<string, DependencyPolicy>,
): OtherPolicies | undefined {
  const others: Partial<Record<DependencyPolicy, number[]>> = {};
  for (const [ordinal, id] of dependencies.entries()) {
    const policy = policies.get(id);
    if (policy !== undefined) (others[policy] ??= []).push(ordinal);
  }
  return policies.size > 0 ? others : undefined;
}

/** The same by dependency id, as responses show them. */
export function policiesById(
  { otherPolicies = {} }: Pick<Policies, 'otherPolicies'>,
  dependencies: readonly string[],
): Record<string, DependencyPolicy> | undefined {
  const entries = Object.entries(otherPolicies) as [DependencyPolicy, readonly number[]][];
  const byId = entries.flatMap(([policy, ordinals]) =>
    ordinals.map((ordinal) => [dependencies[ordinal] ?? '', policy] as const),
  );
  return byId.length === 0 ? undefined : Object.fromEntries(byId);
}
