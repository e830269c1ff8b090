/** `npm run quickstart`: the seed's quick start, step by step, with real agents and real responses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openInstance } from './instance.ts';
import { heading, say } from './narrator.ts';
import { firstTasks } from './sections/first-tasks.ts';
import { learning } from './sections/learning.ts';
import { monitor, query, summarize } from './sections/looking.ts';
import { noCapableAgent, order } from './sections/order.ts';
import { patterns } from './sections/patterns.ts';
import { Team } from './team.ts';
import { Walk } from './walk.ts';

const sections = [firstTasks, monitor, query, learning, order, patterns, noCapableAgent, summarize];

/** Walks through all sections on any instance, and cleans up. */
async function walkThrough(signal: AbortSignal): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'muster-quickstart-'));
  const undo: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    heading('1. Basic setup');
    const instance = await openInstance(folder, signal);
    undo.push(() => instance.stop());
    say(`Muster is running at ${instance.url}${instance.isShared ? '' : ', a temporary instance'}.`);
    const team = new Team(instance.url, folder);
    const walk = new Walk(instance, team, folder);
    undo.push(() => walk.cleanUp());
    undo.push(() => team.stop());
    for (const section of sections) await Promise.race([section(walk), aborted(signal)]);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function aborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interruption.abort(new Error(`Interrupted by ${name}.`)));
}
// For example `npm run quickstart | head`.
process.stdout.on('error', () => interruption.abort(new Error('The output was closed.')));
try {
  await walkThrough(interruption.signal);
  console.log('\nAll steps succeeded.');
  process.exit(0);
} catch (error) {
  console.error(`\nThe quick start failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
