import { printable } from '#shared/contract/printable.ts';
import type { MusterClient, OutputOf } from '../sdk/index.ts';
import { exitCodes } from './failure.ts';
import type { Output, Session } from './session.ts';
import { changeLine } from './views/change-line.ts';
import { paintStatus } from './views/paint.ts';
import { Progress } from './views/progress.ts';
import { StatusLine } from './views/status-line.ts';
import { table } from './views/table.ts';
import { graphColumns, tallyText } from './views/tables.ts';
import { changes, patiently } from './watch.ts';

type Graph = OutputOf<'get_graph'>;
type GraphTask = Graph['tasks'][number];

/** More errors would bury the table above them. */
const maxErrors = 10;

/**
 * Follows a graph until no task can change without intervention. Shows each task as it changes, the overall progress
 * and, at the end, which tasks are not completed and why.
 */
export async function watchGraph(client: MusterClient, output: Output, graphId: string): Promise<void> {
  const progress = new Progress();
  const seen = new Map<string, string>();
  let last: GraphTask[] = [];
  const watched = changes({
    look: () => client.getGraph({ graph_id: graphId }, patiently),
    fingerprint: ({ tasks, is_settled }: Graph) => [tasks.map(stateOf), is_settled],
    isOver: ({ is_settled }) => is_settled,
  });
  for await (const graph of watched) {
    const { tasks, ...summary } = graph;
    const changed = tasks.filter((task) => (seen.get(task.task_id) ?? initialState(task)) !== stateOf(task));
    for (const task of tasks) seen.set(task.task_id, stateOf(task));
    if (output.json) output.item({ ...summary, changed }, String);
    else progress.show(graph, changed.map(lineOf));
    last = tasks;
  }
  progress.end();
  const open = last.filter(({ status }) => status !== 'completed');
  if (open.length === 0) return;
  process.exitCode = exitCodes.unsuccessful;
  if (output.json) return;
  console.log(table(graphColumns, open));
  await showErrors(
    client,
    open.filter(({ status }) => status === 'failed'),
  );
}

/** Waits until a decision about a graph is carried out, which Muster does even if nobody waits. */
export async function followDecision(
  { client, output }: Session,
  { graph_id, remaining }: OutputOf<'cancel_graph'>,
): Promise<void> {
  if (remaining === 0) return;
  const line = new StatusLine();
  const watched = changes({
    look: () => client.getGraph({ graph_id }, patiently),
    fingerprint: ({ counts, under_way }: Graph) => [counts, under_way],
    isOver: ({ under_way }) => under_way === undefined,
  });
  let last = '';
  for await (const graph of watched) {
    last = tallyText(graph);
    line.show(last);
  }
  line.end();
  if (!output.json) console.log(`Done: ${last}.`);
}

const stateOf = ({ status, attempt, assigned_to }: GraphTask) => `${status} ${attempt} ${assigned_to}`;

/** At first, only tasks that have begun are worth a line. */
const initialState = (task: GraphTask) => (['waiting', 'pending'].includes(task.status) ? stateOf(task) : undefined);

function lineOf(task: GraphTask): string {
  const { status, key, attempt, assigned_to } = task;
  const holder = assigned_to === null ? undefined : `${assigned_to}, attempt ${attempt}`;
  return changeLine(status, key, holder, 'reason' in task ? task.reason : undefined);
}

/** A graph shows short reasons; the full errors are in the tasks. */
async function showErrors(client: MusterClient, failed: readonly GraphTask[]): Promise<void> {
  for (const { task_id, key } of failed.slice(0, maxErrors)) {
    const task = await client.getTask({ task_id }, patiently);
    if (task.status !== 'failed') continue;
    console.log(
      `\n${paintStatus('failed', printable(key))}\n${printable(task.error).trimEnd().replaceAll(/^/gm, '  ')}`,
    );
  }
  const more = failed.length - maxErrors;
  if (more > 0) console.log(`\n${more} more failed. Each with its error: muster task get TASK_ID`);
}
