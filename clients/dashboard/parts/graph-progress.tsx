import { otherStates, type Counts as CountsByStatus } from '../view/graph.ts';
import { numberText, percentText } from '../view/words.ts';
import { Mark } from './state.tsx';

interface GraphLine {
  total: number;
  counts: CountsByStatus;
  done_fraction: number;
  under_way?: 'cancel' | 'retry' | undefined;
}

/** The completed share of a graph, as a bar and a number. */
export const Done = ({ graph: { total, counts, done_fraction } }: { graph: GraphLine }) => (
  <span class="load" title={`${numberText(counts.completed ?? 0)} of ${numberText(total)} tasks completed`}>
    <meter min={0} max={1} value={done_fraction} aria-hidden="true" />
    <span class="number">{percentText(done_fraction)}</span>
  </span>
);

/** The other states, each with its shape. */
export const Counts = ({ graph: { counts, under_way } }: { graph: GraphLine }) => (
  <span class="facts">
    {otherStates(counts).map((status) => (
      <span key={status} class={`state ${status}`}>
        <Mark status={status} />
        {numberText(counts[status] ?? 0)} {status}
      </span>
    ))}
    {under_way && <span class="quiet">{under_way === 'cancel' ? 'being cancelled' : 'being retried'}</span>}
  </span>
);
