import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { countText, durationText } from './words.ts';

type Health = OutputOf<'get_health'>;
type Recommendation = OutputOf<'get_recommendations'>['recommendations'][number];

export interface Headline {
  title: string;
  text: string;
  tone: 'good' | 'bad' | 'calm';
}

/** The current situation, in a sentence you could send to a colleague. */
export function headlineOf({ queue, agents }: Pick<Health, 'queue' | 'agents'>): Headline {
  const { pending, running, assigned, waiting, blocked } = queue;
  const working = running + assigned;
  const here = agents.total_agents - agents.left_agents;
  const oldest = `The oldest ready task has waited ${durationText(queue.oldest_pending_seconds * 1000)}.`;
  if (queue.total === 0 && here === 0) {
    return { title: 'Nothing here yet', text: 'Register an agent and create a task to begin.', tone: 'calm' };
  }
  if (pending + working + waiting + blocked === 0) {
    const text = queue.total === 0 ? 'Agents are registered; no task was created yet.' : 'Every task has ended.';
    return { title: queue.total === 0 ? 'Ready for work' : 'All work is done', text, tone: 'calm' };
  }
  if (here === 0)
    return { title: `${countText(pending, 'task')} ready, no agent`, text: 'Start an agent.', tone: 'bad' };
  if (working > 0) {
    const text = `${countText(working, 'task')} with agents. ${pending > 0 ? oldest : 'No ready task is waiting.'}`;
    return { title: 'Work is flowing', text, tone: 'good' };
  }
  if (pending > 0) {
    const why = agents.available_agents > 0 ? '' : ' No agent is available.';
    return { title: 'No work is running', text: `${countText(pending, 'task')} ready. ${oldest}${why}`, tone: 'bad' };
  }
  return {
    title: 'No work is running',
    text: `${countText(waiting, 'task waits', 'tasks wait')} for dependencies, ${countText(blocked, 'is', 'are')} blocked.`,
    tone: blocked > 0 ? 'bad' : 'calm',
  };
}

export interface Help {
  /** The action and what it shows. */
  label: string;
  path: string;
  query?: Record<string, string>;
}

/** Where to look for what a recommendation is about. */
export function helpFor({ code, evidence }: Recommendation): Help {
  switch (code) {
    case 'no_capable_agent': {
      const taskId = evidence['task_id'];
      return typeof taskId === 'string'
        ? { label: 'Show the task', path: `/tasks/${taskId}` }
        : { label: 'Show ready tasks', path: '/tasks', query: { status: 'pending' } };
    }
    case 'deep_queue':
    case 'old_ready_task':
      return { label: 'Show ready tasks', path: '/tasks', query: { status: 'pending' } };
    case 'low_success':
      return { label: 'Show failed tasks', path: '/tasks', query: { status: 'failed' } };
    case 'stale_agents':
    case 'imbalance':
      return { label: 'Show the agents', path: '/agents' };
  }
}
