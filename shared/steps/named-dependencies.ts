import { invalidInput } from '../contract/problem.ts';
import type { DependencyPolicy } from '../contract/nouns.ts';

/** How a request refers to a dependency: by id or, in a graph, by key; as an object if it has its own policy. */
type DependencyRef = string | { task_id?: string | undefined; key?: string | undefined; on_failure: DependencyPolicy };

interface HasDependencies {
  dependencies: readonly DependencyRef[];
  on_dependency_failure: DependencyPolicy;
}

/** A requested task with its dependencies by name; policies that differ from the task's are kept separately. */
export type WithNames<T extends HasDependencies> = Omit<T, 'dependencies'> & {
  dependencies: string[];
  dependency_policies?: Record<string, DependencyPolicy>;
};

const dependencyName = (ref: DependencyRef) => (typeof ref === 'string' ? ref : (ref.task_id ?? ref.key ?? ''));

/**
 * Separates the policies from the dependencies of a requested task.
 * @param at the path of the task in the request
 * @throws Refusal invalid_input if a dependency is listed twice with different policies
 */
export function withNames<T extends HasDependencies>(task: T, at: PropertyKey[] = []): WithNames<T> {
  const { on_dependency_failure: defaultPolicy } = task;
  const policies = new Map<string, DependencyPolicy>();
  const conflicts = task.dependencies.flatMap((ref, n) => {
    const name = dependencyName(ref);
    const policy = typeof ref === 'string' ? defaultPolicy : ref.on_failure;
    const first = policies.get(name) ?? policy;
    policies.set(name, first);
    const message = `names "${name}" again, with the policy ${policy} instead of ${first}`;
    return policy === first ? [] : [{ path: [...at, 'dependencies', n], message }];
  });
  if (conflicts.length > 0) throw invalidInput(conflicts);
  const others = [...policies].filter(([, policy]) => policy !== defaultPolicy);
  return {
    ...task,
    dependencies: task.dependencies.map(dependencyName),
    ...(others.length > 0 && { dependency_policies: Object.fromEntries(others) }),
  };
}
