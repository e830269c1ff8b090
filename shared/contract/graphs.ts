import * as z from 'zod';
import { lazy } from './lazy.ts';
import { limits } from './limits.ts';
import * as nouns from './nouns.ts';
import { operation } from './operation.ts';
import { dependencyFields, TaskSummary } from './task.ts';
import { TaskInput } from './tasks.ts';

const GraphId = lazy(() => nouns.Name().meta({ description: 'Graph id', examples: ['01KAPV5GQX8D5T9W3YB7R2M4ZD'] }));
const GraphTaskKey = lazy(() =>
  nouns
    .text(limits.graphKeyBytes)
    // eslint-disable-next-line no-control-regex -- refusing control characters is the point
    .regex(/^[^\u0000-\u001F\u007F-\u009F]*$/, 'must not contain control characters')
    .meta({ description: 'Key of the task within its graph', examples: ['@acme/ui#build'] }),
);

/** Like `TaskDependency`. `key` and `task_id` mean the same, as in the string form. */
export const GraphDependency = lazy(() =>
  z
    .strictObject({
      key: GraphTaskKey().optional(),
      task_id: GraphTaskKey().optional(),
      on_failure: nouns.DependencyPolicy(),
    })
    .refine(({ key, task_id }) => (key === undefined) !== (task_id === undefined), 'must have either key or task_id'),
);

export const GraphTask = lazy(() =>
  TaskInput()
    .omit({ idempotency_key: true })
    .extend({
      key: GraphTaskKey(),
      dependencies: z
        .array(z.union([GraphTaskKey(), GraphDependency()]))
        .max(limits.dependencies)
        .default([])
        .meta({
          description:
            'Keys of tasks in this graph, or ids of existing tasks. {key, on_failure}: a policy other than on_dependency_failure, for this one',
        }),
    }),
);
export type GraphTask = z.infer<ReturnType<typeof GraphTask>>;

export const submitGraph = operation({
  name: 'submit_graph',
  summary: 'Submit a graph of dependent tasks, all or nothing',
  description:
    'At most 5,000 dependencies in total: each is a key of a task in this graph or the id of an existing task. With dry_run nothing is created: the response has the execution order, the critical path and the tasks that no registered agent can do.',
  route: 'POST /v1/graphs',
  tool: 'orchestration_submit_graph',
  scope: 'tasks:create',
  share: 0.02,
  input: () =>
    z.strictObject({
      tasks: z.array(GraphTask()).min(1).max(limits.graphTasks),
      title: nouns.Title().optional().meta({ description: 'Shown in lists; defaults to the title of the first task' }),
      traceparent: nouns.Traceparent().optional().meta({ description: 'For tasks that have none of their own' }),
      idempotency_key: nouns.text(256).optional(),
      dry_run: z.boolean().default(false),
    }),
  output: () =>
    z.object({
      graph_id: GraphId().optional().meta({ description: 'Absent for a dry run' }),
      tasks: z.record(GraphTaskKey(), nouns.TaskId()).optional().meta({ description: 'Task ids by key' }),
      order: z.array(GraphTaskKey()).optional().meta({ description: 'Dry run: a valid execution order' }),
      critical_path: z.array(GraphTaskKey()).optional().meta({ description: 'Dry run: the longest dependency chain' }),
      unroutable: z
        .array(z.object({ key: GraphTaskKey(), requirements: z.array(nouns.Capability()) }))
        .optional()
        .meta({ description: 'Dry run: tasks whose requirements no registered agent meets' }),
    }),
  refusals: ['too_many_open_tasks', 'unknown_dependency', 'too_many_lanes', 'dependency_cycle', 'idempotency_mismatch'],
});

const DecisionInProgress = lazy(() =>
  z
    .enum(['cancel', 'retry'])
    .meta({ description: 'Its tasks are being cancelled or retried by cancel_graph or retry_graph' }),
);

/** The fields of a graph in every response. */
const graphFields = lazy(() => ({
  graph_id: GraphId(),
  title: z.string(),
  created_at: nouns.Instant(),
  total: z.int(),
  counts: z.record(nouns.Status(), z.int()),
  done_fraction: z.number().meta({ description: 'Completed tasks / all tasks, from 0 to 1' }),
  under_way: DecisionInProgress().optional(),
}));

export const listGraphs = operation({
  name: 'list_graphs',
  summary: 'List graphs with their progress, newest first',
  description: 'Counts may be a few seconds old.',
  route: 'GET /v1/graphs',
  tool: 'orchestration_list_graphs',
  scope: 'read',
  share: 0.02,
  input: () => z.strictObject({ limit: nouns.Limit(50), cursor: nouns.Cursor().optional() }),
  output: () => z.object({ graphs: z.array(z.object(graphFields())), next_cursor: z.string().optional() }),
  refusals: [],
});

export const getGraph = operation({
  name: 'get_graph',
  summary: 'Get a graph: progress and tasks',
  description:
    'The listed tasks may be a second old, and the counts are those of the listed tasks. is_settled is never early.',
  route: 'GET /v1/graphs/{graph_id}',
  tool: 'orchestration_get_graph',
  scope: 'read',
  share: 0.02,
  input: () => z.strictObject({ graph_id: GraphId() }),
  output: () =>
    z.object({
      ...graphFields(),
      is_settled: z.boolean().meta({ description: 'No task can change without intervention' }),
      tasks: z.array(z.intersection(TaskSummary(), z.object({ key: GraphTaskKey(), ...dependencyFields() }))),
    }),
  refusals: ['graph_not_found'],
});

/** The progress of a decision about all tasks of a graph. */
const DecisionResult = lazy(() =>
  z.object({
    graph_id: GraphId(),
    changed: z.int().meta({ description: 'Tasks that were changed' }),
    remaining: z
      .int()
      .meta({ description: 'Tasks that are still to be changed, which needs no further call. 0: done' }),
  }),
);

export const cancelGraph = operation({
  name: 'cancel_graph',
  summary: 'Cancel all tasks of a graph that have not ended',
  description: 'Tasks that are retried afterwards are not cancelled again.',
  route: 'POST /v1/graphs/{graph_id}/cancel',
  tool: 'orchestration_cancel_graph',
  effect: 'destroy',
  idempotent: true,
  scope: 'tasks:manage',
  input: () => z.strictObject({ graph_id: GraphId(), reason: nouns.Reason().optional() }),
  output: DecisionResult,
  refusals: ['graph_not_found'],
});

export const retryGraph = operation({
  name: 'retry_graph',
  summary: 'Retry all tasks of a graph that failed or were cancelled',
  description: 'Blocked tasks return to waiting when their dependencies are retried.',
  route: 'POST /v1/graphs/{graph_id}/retry',
  tool: 'orchestration_retry_graph',
  scope: 'tasks:manage',
  input: () => z.strictObject({ graph_id: GraphId() }),
  output: DecisionResult,
  refusals: ['graph_not_found', 'not_retryable'],
});
