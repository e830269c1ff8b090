import * as contract from '../../contract/graphs.ts';
import { Refusal } from '../../contract/problem.ts';
import { emptyTally } from '../../domain/graph.ts';
import { graphState } from '../../steps/settled-graph.ts';
import { implement } from '../implement.ts';
import { presentDependencies, presentSummaries } from '../../wire/present-task.ts';

export const getGraph = implement(contract.getGraph, async (ports, { graph_id: id }) => {
  const graph = await ports.graphs.get(id);
  if (!graph) throw new Refusal('graph_not_found', `Graph ${id} not found.`);
  const { records, isSettled } = await graphState(ports, graph);
  const submitted = new Map(
    graph.tasks.map(({ key, record, dependencies }) => [
      record.id,
      { key, ...presentDependencies(record, dependencies) },
    ]),
  );
  const counts = emptyTally();
  for (const { status } of records) counts[status] += 1;
  const total = graph.tasks.length;
  return {
    graph_id: id,
    title: graph.title,
    created_at: new Date(graph.createdAt).toISOString(),
    total,
    counts,
    done_fraction: counts.completed / total,
    is_settled: isSettled,
    ...(graph.decision && { under_way: graph.decision.kind }),
    tasks: (await presentSummaries(ports, records)).map((summary) => ({
      ...summary,
      ...(submitted.get(summary.task_id) ?? { key: summary.task_id, dependencies: [] }),
    })),
  };
});
