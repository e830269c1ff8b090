import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { agentSays } from './narrator.ts';

const endLimitMs = 5_000;

/** The running agents: separate processes that know nothing but a URL and their key. */
export class Team {
  readonly #url: string;
  readonly #folder: string;
  readonly #processes = new Map<string, ChildProcess>();

  /** @param folder their working folder */
  constructor(url: string, folder: string) {
    this.#url = url;
    this.#folder = folder;
  }

  /** Starts an agent that runs the script with this name. */
  start(agentId: string, key: string, script: string): void {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'agents', `${script}.ts`)], {
      cwd: this.#folder,
      env: { ...process.env, MUSTER_URL: this.#url, MUSTER_KEY: key, MUSTER_AGENT: agentId },
      // If this process is killed, its end of stdin closes, which ends the agent.
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => agentSays(agentId, child.pid ?? 0, line));
    }
    this.#processes.set(agentId, child);
  }

  /** @throws Error if an agent has exited unexpectedly */
  requireAlive(): void {
    for (const [agentId, { exitCode, signalCode }] of this.#processes) {
      const end = exitCode ?? signalCode;
      if (end !== null) throw new Error(`The process of ${agentId} exited unexpectedly (${end}); see its last lines.`);
    }
  }

  /** Stops all agents and waits until they have exited. */
  async stop(): Promise<void> {
    const open = [...this.#processes.values()].filter(({ exitCode, signalCode }) => (exitCode ?? signalCode) === null);
    await Promise.all(
      open.map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
        await ended;
        clearTimeout(late);
      }),
    );
    this.#processes.clear();
  }
}
