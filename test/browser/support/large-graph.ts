import type { Page } from 'playwright-core';
import type { OutputOf } from '../../../clients/sdk/operation-methods.ts';
import { graphTasks } from '../../dashboard/graph-tasks.ts';

type Graph = OutputOf<'get_graph'>;

const underWay = 20;

/**
 * A graph of `count` tasks in layers, each with different dependencies, so that no two share a box; `completed` of them
 * are completed.
 */
function largeGraph(count: number, completed: number): Graph {
  const perLayer = Math.round(Math.sqrt(count) * 1.6);
  const key = (n: number) => `task-${n}`;
  const dependenciesOf = (n: number) => {
    const before = Math.floor(n / perLayer) * perLayer - perLayer;
    return before < 0 ? [] : [...new Set([0, 7, 31].map((step) => key(before + ((n * (step + 1)) % perLayer))))];
  };
  const statusOf = (n: number) => (n < completed ? 'completed' : n < completed + underWay ? 'running' : 'waiting');
  const keys = Array.from({ length: count }, (_, n) => n);
  return {
    graph_id: `large-${count}`,
    title: `${count} tasks`,
    created_at: '2026-11-26T10:00:00.000Z',
    total: count,
    counts: { completed, running: underWay, waiting: count - completed - underWay },
    done_fraction: completed / count,
    is_settled: false,
    tasks: graphTasks(Object.fromEntries(keys.map((n) => [key(n), [dependenciesOf(n), statusOf(n)]]))),
  };
}

/** Answers requests for a graph with one of `count` tasks, of which one more is completed in each response. */
export async function answerWithLargeGraph(page: Page, count: number): Promise<{ path: string; polls: () => number }> {
  let polls = 0;
  await page.route('**/v1/graphs/*', (route) => {
    polls += 1;
    return route.fulfill({ json: largeGraph(count, count / 10 + polls) });
  });
  return { path: `/graphs/large-${count}`, polls: () => polls };
}
