/** Agents at work, to watch in the dashboard: each graph surveys some modules of Node.js, at a leisurely pace. */
import { setTimeout as wait } from 'node:timers/promises';
import { MusterClient } from '#clients/sdk/index.ts';
import { runAgent, type Handlers } from '#clients/sdk/worker/index.ts';
import { analyze, survey, write } from './handlers.ts';
import { surveyGraph } from './graph.ts';

export interface DemoOptions {
  url: string;
  /** An admin key. */
  key: string;
  /** Prints what is happening. */
  say: (text: string) => void;
  /** Interval between two graphs, in milliseconds. Default: 15,000. */
  everyMs?: number;
  /** Duration of a step of the work, in milliseconds. Default: 1,500. */
  stepMs?: number;
}

/**
 * Starts the agents and submits graphs.
 * @returns a function that stops them and waits until they have stopped
 */
export function startDemo({ url, key, say, everyMs = 15_000, stepMs = 1_500 }: DemoOptions): () => Promise<void> {
  const client = new MusterClient({ url, key });
  const stopping = new AbortController();
  const run = (id: string, capabilities: string[], handlers: Handlers) =>
    runAgent({ client, id, capabilities, handlers, maxConcurrentTasks: 2, stopSignals: [], graceMs: 0 });
  const agents = [
    run('researcher_bot', ['research'], { survey: survey(stepMs) }),
    run('analysis_bot', ['analysis'], { analyze: analyze(stepMs) }),
    run('writer_bot', ['writing'], { write: write(stepMs) }),
  ];
  say(
    '\nDemo: researcher_bot, analysis_bot and writer_bot work on a new graph every few seconds. Watch it in the dashboard.',
  );

  const submitting = (async () => {
    for (let n = 0; !stopping.signal.aborted; n += 1) {
      await client.submitGraph(surveyGraph(n), { signal: stopping.signal });
      await wait(everyMs, undefined, { signal: stopping.signal });
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) say(`Demo: no more graphs. ${String(error)}`);
  });

  return async () => {
    stopping.abort();
    await Promise.allSettled([submitting, ...agents.map((agent) => agent.stop())]);
  };
}
