import type { InputOf } from '#clients/sdk/index.ts';

/** The Node.js modules that a graph surveys, by topic. */
const topics = [
  { topic: 'files', modules: ['fs', 'path', 'stream'] },
  { topic: 'networks', modules: ['http', 'net', 'tls', 'dns'] },
  { topic: 'processes', modules: ['child_process', 'worker_threads', 'os'] },
  { topic: 'data', modules: ['buffer', 'crypto', 'zlib', 'string_decoder'] },
] as const;

/**
 * A graph that surveys modules in parallel, analyzes the findings and writes them up. Occasionally a survey needs a
 * second attempt.
 */
export function surveyGraph(n: number): InputOf<'submit_graph'> {
  const { topic, modules } = topics[n % topics.length] ?? topics[0];
  const surveys = modules.map((name, index) => ({
    key: name,
    title: `Survey ${name}`,
    content: `Count what the module ${name} of Node exports`,
    task_type: 'survey',
    requirements: ['research'],
    metadata: { module: name, fails_first: index === 0 && n % 4 === 0 },
  }));
  return {
    title: `Survey of ${topic}`,
    tasks: [
      ...surveys,
      {
        key: 'analysis',
        title: `Analyze ${topic}`,
        content: 'Compare what the surveys counted',
        task_type: 'analyze',
        requirements: ['analysis'],
        priority: 'high',
        dependencies: [...modules],
      },
      {
        key: 'report',
        title: `Report on ${topic}`,
        content: 'Write up the analysis as Markdown',
        task_type: 'write',
        requirements: ['writing'],
        dependencies: ['analysis'],
      },
    ],
  };
}
