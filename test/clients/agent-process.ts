/** Runs an agent as a process. `AGENT` is its id and the skill of its tasks, which say what it should do. */
import { runAgent } from '#clients/sdk/worker/index.ts';

const { MUSTER_URL: url = '', MUSTER_KEY: key = '', AGENT: id = '', ENDLESS: endless = 'yes' } = process.env;

const { done } = runAgent({
  url,
  key,
  id,
  capabilities: [id],
  perProcess: process.env['PER_PROCESS'] !== undefined,
  takeover: process.env['TAKEOVER'] !== undefined,
  logger: console,
  graceMs: 0,
  maxPollMs: 50,
  handlers: {
    endless: ({ task }) => (endless === 'yes' ? new Promise(() => undefined) : `attempt ${task.attempt}`),
    leak: () => {
      void Promise.reject(new Error('left alone'));
      setTimeout(() => void Promise.reject(new Error('left alone, later')));
      return 'done';
    },
    echo: ({ task }) => task.content,
  },
  onError: (error, task) => console.log(`onError: ${String(error)} of ${task?.task_type ?? 'nothing'}`),
});

// An error of the program itself, outside any handler.
if (process.env['MISTAKE'] !== undefined) void Promise.reject(new Error('of the program'));

// An agent that Muster refuses ends with the reason.
await done;
