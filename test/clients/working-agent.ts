import { onTestFinished } from 'vitest';
import { MusterClient, type ClientOptions } from '#clients/sdk/index.ts';
import { runAgent, type AgentOptions, type RunningAgent, type Work } from '#clients/sdk/worker/index.ts';
import type { InputOf } from '../support/operation-request.ts';
import { within } from '../support/patience.ts';
import type { TestMuster } from '../support/test-muster.ts';

type Settings = Partial<Extract<AgentOptions, ClientOptions>>;

/** The requirement of the tasks of this test. */
export const skill = (muster: TestMuster) => muster.name('skill');

/** Creates a task that only the agents of this test can do, which they claim. */
export const createTask = (muster: TestMuster, task: Partial<InputOf<'create_task'>> = {}) =>
  muster.create({ requirements: [skill(muster)], ...task });

/**
 * The task, once it has ended. Does not wait until nothing happens, because agents never stop polling: what a report
 * does after its commit, such as counting the outcome, may still be in progress.
 */
export const ended = (muster: TestMuster, taskId: string) =>
  within(new MusterClient({ url: muster.url, key: muster.keys.viewer }).waitFor(taskId), () => `the end of ${taskId}`);

/** Runs an agent until the end of the test. It polls constantly and ignores signals. */
export function startAgent(muster: TestMuster, settings: Settings): RunningAgent & { id: string } {
  const id = settings.id ?? muster.name('agent');
  const agent = runAgent({
    url: muster.url,
    key: muster.keys.admin,
    capabilities: [skill(muster)],
    maxPollMs: 100,
    stopSignals: [],
    graceMs: 0,
    ...settings,
    id,
  } as AgentOptions);
  agent.done.catch(() => undefined);
  onTestFinished(() => agent.stop().catch(() => undefined));
  return { ...agent, id };
}

/** Something that a test waits for or holds back. */
export const gate = <T = void>() => Promise.withResolvers<T>();

/** A handler that runs until it is stopped, and the reason for the stop. */
export function endlessHandler() {
  const begun = gate<Work>();
  const stopped = gate<unknown>();
  const handler = (work: Work) =>
    new Promise((resolve) => {
      work.signal.addEventListener('abort', () => {
        stopped.resolve(work.signal.reason);
        resolve('stopped');
      });
      begun.resolve(work);
    });
  return { handler, begun: begun.promise, stopped: stopped.promise };
}
