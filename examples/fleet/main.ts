/** Three agents with different capabilities, and a graph of tasks that passes from one to the next. */
import { MusterClient } from '@musterhq/sdk';
import { runAgent, type Handler } from '@musterhq/sdk/worker';

const { MUSTER_URL: url = 'http://127.0.0.1:4800', MUSTER_KEY: key = '' } = process.env;

/** The results of a task's dependencies. */
const found: (work: Parameters<Handler>[0]) => string[] = ({ dependencyResults }) =>
  Object.values(dependencyResults).map(({ result }) => String(result));

const agent = (id: string, capability: string, handler: Handler) =>
  runAgent({ url, key, id, capabilities: [capability], handler });

const agents = [
  agent('fleet_researcher', 'fleet_research', ({ task }) => `three facts about ${task.content}`),
  agent('fleet_writer', 'fleet_writing', (work) => `a report on ${found(work).sort().join(' and ')}`),
  agent('fleet_reviewer', 'fleet_reviewing', (work) => `approved: ${found(work).join()}`),
];

const client = new MusterClient({ url, key });
const { tasks: ids = {} } = await client.submitGraph({
  title: 'Report on queues',
  tasks: [
    { key: 'leases', content: 'leases', requirements: ['fleet_research'] },
    { key: 'lanes', content: 'lanes', requirements: ['fleet_research'] },
    { key: 'report', content: 'Write it', requirements: ['fleet_writing'], dependencies: ['leases', 'lanes'] },
    { key: 'review', content: 'Review it', requirements: ['fleet_reviewing'], dependencies: ['report'] },
  ],
});
const ended = await client.waitFor(ids['review'] ?? '');
console.log(ended.status === 'completed' ? ended.result : ended.status);
await Promise.all(agents.map((one) => one.stop()));
