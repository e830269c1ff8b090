import { Refusal } from '../contract/problem.ts';
import { times } from '../domain/settings.ts';
import type { GraphDecision } from '../domain/graph-decision.ts';
import type { GraphRecord, Ports } from '../ports.ts';
import { carryOut, type DecisionProgress } from './carry-out-decision.ts';
import { maxTries } from './task-report.ts';

/**
 * Records a decision about all tasks of a graph with one write, and carries it out as far as time allows; the sweep
 * continues. An earlier decision is carried out first, unless it is the same.
 * @param mayBeDecided throws a refusal if the decision is not allowed
 * @throws Refusal graph_not_found, unavailable
 */
export async function decideOnGraph(
  ports: Ports,
  id: string,
  wanted: Pick<GraphDecision, 'kind' | 'reason'>,
  mayBeDecided: (graph: GraphRecord) => void = () => undefined,
): Promise<{ graph_id: string } & DecisionProgress> {
  const until = ports.clock.now() + times.graphWritesMs;
  const hasTime = () => ports.clock.now() < until;
  for (let n = 0; n < maxTries; n += 1) {
    const graph = await ports.graphs.get(id);
    if (!graph) throw new Refusal('graph_not_found', `Graph ${id} not found.`);
    mayBeDecided(graph);
    const { decision: underWay } = graph;
    if (underWay && underWay.kind !== wanted.kind) {
      const { remaining } = await carryOut(ports, { ...graph, decision: underWay }, hasTime);
      if (remaining > 0) throw stillChanging(id, underWay);
      continue;
    }
    const number = graph.decided + 1;
    const decision = { ...wanted, number, at: ports.clock.now(), since: underWay?.since ?? number };
    if (!(await ports.graphs.decide(graph, decision))) continue;
    return { graph_id: id, ...(await carryOut(ports, { ...graph, decision }, hasTime)) };
  }
  throw new Refusal('unavailable', `Too much contention on graph ${id}; try again.`, { retryAfterSeconds: 1 });
}

const stillChanging = (id: string, { kind }: GraphDecision) =>
  new Refusal(
    'unavailable',
    `The tasks of graph ${id} are still being ${kind === 'cancel' ? 'cancelled' : 'retried'}; try again.`,
    { retryAfterSeconds: 5 },
  );
