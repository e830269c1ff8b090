import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { messageOf } from '../data/muster.tsx';
import { usePages } from '../data/pages.ts';
import { Snippet } from '../parts/copy.tsx';
import { Empty, Failure, Loading, Page, Section } from '../parts/layout.tsx';
import { More } from '../parts/more.tsx';
import { Counts, Done } from '../parts/graph-progress.tsx';
import { Table, type Column } from '../parts/table.tsx';
import { Words } from '../parts/text.tsx';
import { Ago } from '../parts/time.tsx';
import { graphHref } from '../view/address.ts';
import { graphsHeadline, isMoving } from '../view/graph.ts';
import { beginWith } from '../view/snippets.ts';
import { numberText } from '../view/words.ts';

const pageSize = 50;

type GraphSummary = OutputOf<'list_graphs'>['graphs'][number];

const columns: readonly Column<GraphSummary>[] = [
  {
    title: 'Graph',
    class: 'main',
    cell: ({ graph_id, title }) => (
      <a href={graphHref(graph_id)}>
        <Words text={title} />
      </a>
    ),
  },
  { title: 'Progress', cell: (graph) => <Done graph={graph} /> },
  { title: 'Other states', drop: 2, cell: (graph) => <Counts graph={graph} /> },
  { title: 'Tasks', drop: 1, align: 'end', cell: ({ total }) => numberText(total) },
  { title: 'Created', drop: 1, align: 'end', cell: ({ created_at }) => <Ago at={created_at} /> },
];

/** All graphs, the newest first. */
export function Graphs() {
  const list = usePages('list_graphs', { limit: pageSize }, ({ graphs }) => graphs.some(isMoving));
  const { pages, error, hasNextPage } = list;
  const graphs = pages?.flatMap((page) => page.graphs) ?? [];
  const { title, lead } = pages ? graphsHeadline(graphs, hasNextPage) : { title: 'Graphs', lead: 'Loading' };
  return (
    <Page title={title} name="Graphs" lead={lead}>
      <Section title="Graphs" class="list">
        {!pages && (error ? <Failure message={messageOf(error)} /> : <Loading lines={6} />)}
        {pages && graphs.length === 0 && !hasNextPage && (
          <Empty title="Tasks that depend on each other are submitted as one graph, with a key of role producer in MUSTER_KEY:">
            <Snippet text={beginWith(location.origin).graph} label="Submit a graph" />
          </Empty>
        )}
        {graphs.length > 0 && (
          <Table label="Graphs" columns={columns} rows={graphs} keyOf={({ graph_id }) => graph_id} />
        )}
        <More list={list} />
      </Section>
    </Page>
  );
}
