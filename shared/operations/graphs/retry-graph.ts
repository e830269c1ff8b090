import * as contract from '../../contract/graphs.ts';
import { Refusal } from '../../contract/problem.ts';
import { isTooOld } from '../../domain/lifecycle.ts';
import { times } from '../../domain/settings.ts';
import { decideOnGraph } from '../../steps/decide-on-graph.ts';
import { implement } from '../implement.ts';

const maxAgeDays = times.maxAgeMs / (24 * 3600 * 1000);

export const retryGraph = implement(contract.retryGraph, (ports, { graph_id: id }) =>
  decideOnGraph(ports, id, { kind: 'retry' }, (graph) => {
    if (!isTooOld(graph, ports.clock.now())) return;
    throw new Refusal('not_retryable', `Graph ${id} is older than ${maxAgeDays} days.`, { hint: 'Submit it again.' });
  }),
);
