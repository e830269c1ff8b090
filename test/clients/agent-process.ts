/** An agent as a process of its own. `AGENT` is its id and the skill of its tasks, which say what it should do. */
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

// A mistake of the program itself, outside of any handler.
if (process.env['MISTAKE'] !== undefined) void Promise.reject(new Error('of the program'));

// One that Muster refuses ends with the reason.
await done;
