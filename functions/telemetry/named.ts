/** What a log line is about, so that a task or trace can be followed through the logs. */
export interface Named {
  task_id?: string | undefined;
  agent_id?: string | undefined;
  trace_id?: string | undefined;
}

/** Finds what a value is about; may throw if it cannot be read. */
export type Names<T> = (of: T) => Named;

/** What a value is about, as far as it can be read: a line is logged in any case. */
export function named<T>(names: Names<T>, of: T): Named {
  try {
    return names(of);
  } catch {
    return {};
  }
}

/** The tasks in a line about several values. */
export function tasksNamed<T>(names: Names<T>, many: readonly T[]): { task_ids: string[] } {
  return { task_ids: [...new Set(many.flatMap((one) => named(names, one).task_id ?? []))] };
}
