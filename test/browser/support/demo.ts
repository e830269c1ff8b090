/** Simulates fifty minutes of a fleet for the documentation's pictures. The same seed gives the same pictures. */
import { MusterClient } from '../../../clients/sdk/client.ts';
import type { Muster } from '../../../local/start.ts';
import { Chance } from '../../support/random.ts';

const stepMs = 20_000;
const steps = 150;
/** How many steps before the end the graph is submitted. */
const graphSteps = 9;

const agents = {
  researcher: { capabilities: ['web', 'python'], max_concurrent_tasks: 3 },
  writer_bot: { capabilities: ['writing', 'markdown'], max_concurrent_tasks: 2 },
  fixer: { capabilities: ['go', 'testing', 'python'], max_concurrent_tasks: 4 },
  indexer_2: { capabilities: ['docs', 'search'], max_concurrent_tasks: 3 },
};

const kinds = [
  { title: 'Summarize ticket', task_type: 'summary', requirements: ['writing'] },
  { title: 'Index chapter', task_type: 'index', requirements: ['docs'] },
  { title: 'Review pull request', task_type: 'review', requirements: ['go', 'testing'] },
  { title: 'Collect results of benchmark', task_type: 'research', requirements: ['python'] },
  { title: 'Check the links of page', task_type: 'check', requirements: ['web'] },
] as const;

const errors = ['The model refused the input', 'Expected 3 results, got 4', 'No checkout of this repository'];
const failing = 'Compare with release 2.3';

const graph = [
  { key: 'audit', title: 'Audit the dependencies', requirements: ['python'] },
  { key: 'notes', title: 'Collect the changes', requirements: ['docs'] },
  { key: 'bench', title: 'Run the benchmarks', requirements: ['go'] },
  { key: 'advisory', title: 'Fix the advisory in yaml', requirements: ['go'], dependencies: ['audit'] },
  { key: 'flaky', title: 'Fix the flaky scheduler test', requirements: ['testing'], dependencies: ['audit', 'notes'] },
  { key: 'draft', title: 'Draft the release notes', requirements: ['writing'], dependencies: ['notes'] },
  { key: 'compare', title: failing, requirements: ['python'], dependencies: ['bench'] },
  { key: 'review', title: 'Review the fixes', requirements: ['testing'], dependencies: ['advisory', 'flaky'] },
  { key: 'publish', title: 'Publish the notes', requirements: ['writing'], dependencies: ['draft', 'compare'] },
  { key: 'ship', title: 'Ship release 2.4', requirements: ['go'], dependencies: ['review', 'publish'] },
];

interface Work {
  task_id: string;
  title: string;
  /** The step in which it ends. */
  until: number;
}

/**
 * Lets agents and producers work in fast motion.
 * @param passed called whenever time has passed
 * @returns a graph in progress, and a task that no agent can do
 */
export async function playDemo(muster: Muster, passed: () => Promise<void>) {
  const chance = new Chance(24);
  const { call } = bound(new MusterClient({ url: muster.url, key: muster.keys.admin }));
  const holding = new Map<string, Work[]>();
  for (const [agent_id, agent] of Object.entries(agents)) {
    await call('register_agent', { agent_id, ...agent });
    holding.set(agent_id, []);
  }

  const create = async () => {
    const { title, ...kind } = chance.pick(kinds);
    const named = `${title} ${100 + Math.floor(chance.fraction() * 900)}`;
    const max_attempts = chance.happens(0.3) ? 1 : 3;
    await call('create_task', { content: named, ...kind, requirements: [...kind.requirements], max_attempts });
  };
  const work = async (agent_id: string, step: number) => {
    const held = holding.get(agent_id) ?? [];
    for (const { task_id, title, until } of held) {
      if (step < until) {
        const percent = Math.max(10, 100 - 25 * (until - step));
        await call('heartbeat_task', { task_id, progress: { percent, message: 'reading sources' } });
      } else if (title === failing || (step < steps - graphSteps && chance.happens(0.07))) {
        await call('fail_task', { task_id, error: title === failing ? 'No results of 2.3' : chance.pick(errors) });
      } else {
        await call('complete_task', { task_id, result: { summary: 'Done as asked', files: 2, reviewed: true } });
      }
    }
    const { tasks } = await call('claim_tasks', { agent_id, limit: 2 });
    const begun = tasks.map(({ task_id, title }) => ({ task_id, title, until: step + chance.pick([1, 2, 3, 4, 6]) }));
    holding.set(agent_id, [...held.filter(({ until }) => step < until), ...begun]);
  };
  const submit = async () => {
    const tasks = graph.map((task) => ({ ...task, content: task.title, max_attempts: 1 }));
    const submitted = await call('submit_graph', { title: 'Release 2.4', tasks });
    return submitted.graph_id ?? '';
  };

  const shown = { graph_id: '', unroutable: '' };
  for (let step = 0; step < steps; step += 1) {
    if (step === steps - graphSteps) shown.graph_id = await submit();
    if (step === steps - 15) {
      for (const part of ['the tokenizer', 'the parser', 'the printer']) {
        const requirements = ['rust', 'testing'];
        const task = await call('create_task', { content: `Port ${part} to Rust`, requirements, priority: 'high' });
        shown.unroutable = task.task_id;
      }
    }
    for (let n = chance.pick([0, 1, 1, 2, 3]); n > 0; n -= 1) await create();
    for (const agent_id of Object.keys(agents)) await work(agent_id, step);
    await muster.settled();
    await muster.clock.advance(stepMs);
    await passed();
  }
  return shown;
}

const bound = (client: MusterClient) => ({ call: client.call.bind(client) });
