import * as contract from '../../contract/graphs.ts';
import { decideOnGraph } from '../../steps/decide-on-graph.ts';
import { implement } from '../implement.ts';

export const cancelGraph = implement(contract.cancelGraph, (ports, { graph_id: id, reason }) =>
  decideOnGraph(ports, id, { kind: 'cancel', ...(reason !== undefined && { reason }) }),
);
