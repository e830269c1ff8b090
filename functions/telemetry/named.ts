/** What a line is about, to follow one task or one trace through the logs. */
export interface Named {
  task_id?: string | undefined;
  agent_id?: string | undefined;
  trace_id?: string | undefined;
}

/** Finds what something is about; may throw where that cannot be read. */
export type Names<T> = (of: T) => Named;

/** What something is about, as far as it can be read: a line is written whatever it is about. */
export function named<T>(names: Names<T>, of: T): Named {
  try {
    return names(of);
  } catch {
    return {};
  }
}

/** The tasks that a line about many names. */
export function tasksNamed<T>(names: Names<T>, many: readonly T[]): { task_ids: string[] } {
  return { task_ids: [...new Set(many.flatMap((one) => named(names, one).task_id ?? []))] };
}
