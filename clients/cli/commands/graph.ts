import type { Command } from 'commander';
import type { OutputOf } from '../../sdk/index.ts';
import { exitCodes } from '../failure.ts';
import { readGraph } from '../graph-file.ts';
import { addList, addOperation } from '../operation-command.ts';
import { talk } from '../session.ts';
import { tasksText } from '../views/bulk-outcome.ts';
import { details } from '../views/details.ts';
import { graphColumns, graphListColumns } from '../views/tables.ts';
import { table } from '../views/table.ts';
import { followDecision, watchGraph } from '../watch-graph.ts';
import { performs } from '../words.ts';

type Graph = OutputOf<'get_graph'>;

const watchEnds = `Exits with 0 when all tasks are completed, otherwise with ${exitCodes.unsuccessful}.`;

export function addGraphCommands(program: Command): void {
  const graph = program.command('graph').description('Submit and follow graphs of dependent tasks');
  addSubmit(graph);
  addOperation(graph, { name: 'get', operation: 'get_graph', show: graphView });
  addList(graph, {
    operation: 'list_graphs',
    columns: graphListColumns,
    rows: (client, filter) => client.graphs(filter),
  });
  for (const [name, operation, verb] of decisions) {
    addOperation(graph, {
      name,
      operation,
      show: ({ changed, remaining }) =>
        `${tasksText(changed)} ${verb}.${remaining > 0 ? ` Waiting for ${remaining} more.` : ''}`,
      then: followDecision,
    });
  }
  graph
    .command('watch')
    .summary('Follow a graph until no task can change without intervention')
    .description(
      `Shows each task of a graph as it changes, and the errors of failed tasks, until no task can change without intervention.\n${watchEnds}`,
    )
    .argument('<graph_id>', 'Graph id')
    .action(talk(({ client, output }, command) => watchGraph(client, output, command.args[0] ?? '')));
}

function addSubmit(parent: Command): void {
  performs('submit_graph', parent.command('submit'))
    .summary('Submit a graph of dependent tasks, all or nothing')
    .description(
      `Submits a graph of dependent tasks, all or nothing, from a YAML or JSON file:

  tasks:
    - key: research
      content: Find the patterns
      requirements: [python]
    - key: report
      content: Write them up
      dependencies: [research]

At most 1,000 tasks with 5,000 dependencies, in 1 MB. Each task has the fields of task create. Dependencies are keys of tasks in
this file or ids of existing tasks; {key: research, on_failure: run_anyway} sets a policy other than on_dependency_failure.
YAML anchors, aliases and merge keys (<<) work; fields that begin with x- are ignored.`,
    )
    .requiredOption('-f, --file <path>', 'YAML or JSON; - for stdin')
    .option(
      '--dry-run',
      'Create nothing; print the execution order, the critical path and the tasks that no agent can do',
    )
    .option('--idempotency-key <text>', 'The same key with the same file returns the same graph')
    .option('--watch', `Watch the graph after submitting it. ${watchEnds}`)
    .action(
      talk(async ({ client, output }, command) => {
        const options = command.opts<{ file: string; dryRun?: true; idempotencyKey?: string; watch?: true }>();
        const answer = await client.submitGraph({
          ...(await readGraph(options.file)),
          ...(options.dryRun && { dry_run: true }),
          ...(options.idempotencyKey !== undefined && { idempotency_key: options.idempotencyKey }),
        });
        const isWatched = options.watch && answer.graph_id !== undefined;
        if (isWatched) output.item(answer, () => details(answer));
        else output.answer(answer, () => details(answer));
        if (isWatched) await watchGraph(client, output, answer.graph_id ?? '');
      }),
    );
}

const decisions = [
  ['cancel', 'cancel_graph', 'cancelled'],
  ['retry', 'retry_graph', 'retried'],
] as const;

const graphView = ({ tasks, ...summary }: Graph) => `${details(summary)}\n\n${table(graphColumns, tasks)}`;
