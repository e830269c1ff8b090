import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MusterClient } from '../../../clients/sdk/index.ts';
import { runAgent } from '../../../clients/sdk/worker/index.ts';
import type { Peer } from '../peer.ts';
import { temporaryFolder, whenReady } from '../servers.ts';

interface LocalFile {
  url: string;
  keys: { admin: string };
}

/** Muster on a laptop, as `npm start` runs it, with agents that use the SDK. */
export const muster = (routing: 'manual' | 'auto'): Peer => ({
  name: routing === 'manual' ? 'Muster, pulled' : 'Muster, pushed',
  async start(agents, work) {
    const server = await startMuster();
    const client = new MusterClient({ url: server.url, key: server.keys.admin });
    const running = agents.map(({ id, capabilities, slots }, n) => {
      const agent = agents[n];
      return runAgent({
        client,
        id,
        capabilities: [...capabilities],
        maxConcurrentTasks: slots,
        stopSignals: [],
        handler: async ({ task }) => {
          if (agent) await work(agent, task.content);
        },
      });
    });
    return {
      processes: [server.pid],
      async submit(tasks) {
        await client.submitGraph({
          tasks: tasks.map(({ id, requirements, priority, dependencies }) => ({
            key: id,
            content: id,
            requirements: [...requirements],
            priority,
            routing,
            dependencies: [...dependencies],
          })),
        });
      },
      async stop() {
        await Promise.all(running.map((agent) => agent.stop()));
        await server.stop();
      },
    };
  },
});

async function startMuster() {
  const folder = temporaryFolder();
  const root = path.join(import.meta.dirname, '..', '..', '..');
  const environment = { ...process.env, MUSTER_DATA: folder, PORT: '0' };
  const server = spawn(process.execPath, ['local/main.ts'], { cwd: root, env: environment });
  const running = await whenReady(server, folder, 'Muster is ready', 'SIGTERM');
  const local = JSON.parse(readFileSync(path.join(folder, 'local.json'), 'utf8')) as LocalFile;
  return { ...local, ...running };
}
