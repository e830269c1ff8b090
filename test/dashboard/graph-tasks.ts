import type { GraphTask } from '../../clients/dashboard/view/graph.ts';

const common = {
  task_type: 'general',
  priority: 'medium',
  routing: 'auto',
  attempt: 1,
  retry_count: 0,
  max_attempts: 3,
  timeout_seconds: 3600,
  on_dependency_failure: 'block',
  created_at: '2026-11-26T10:00:00.000Z',
} as const;

/** Tasks of a graph by key, with dependencies and state. A task's id and title are its key. */
export const graphTasks = (
  lines: Readonly<
    Record<string, readonly [dependencies: readonly string[], status?: GraphTask['status'], fields?: object]>
  >,
): GraphTask[] =>
  Object.entries(lines).map(
    ([key, [dependencies, status = 'waiting', fields]]) =>
      ({
        ...common,
        requirements: [] as string[],
        task_id: key,
        title: key,
        key,
        dependencies: [...dependencies],
        status,
        assigned_to: status === 'completed' || status === 'running' ? 'fixer' : null,
        ...(status === 'completed' && { execution_duration_ms: 60_000 }),
        ...fields,
      }) as GraphTask,
  );
