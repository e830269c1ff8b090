import { join } from 'node:path';
import type { Muster } from './start-assembled.ts';

/** The text printed when it is ready: the address, the keys and three commands to try. */
export function readyMessage({ url, keys, keyNotes, engine, signInLink }: Muster, data: string): string {
  const curl = (key: string, path: string, body?: object): string => {
    const send = body === undefined ? '' : ` \\\n    -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
    return `  curl -s ${url}${path} -H 'Authorization: Bearer ${key}'${send}`;
  };
  return [
    `Muster is ready at ${url}`,
    ...(signInLink === undefined ? [] : [`Dashboard, signed in for 12 hours: ${signInLink}`]),
    `Data is in ${data}, function logs in ${join(data, 'logs')}. Press Ctrl-C to stop.`,
    ...engine.notes,
    '',
    ...keyNotes,
    'Keys:',
    ...Object.entries(keys).map(([role, key]) => `  ${role.padEnd(8)} ${String(key)}`),
    '',
    'Register an agent, create a task for it, and get the queue statistics:',
    curl(keys.admin, '/v1/agents', { agent_id: 'researcher', capabilities: ['python', 'web'] }),
    curl(keys.producer, '/v1/tasks', {
      content: 'Research asyncio patterns in Python',
      requirements: ['python', 'web'],
    }),
    curl(keys.viewer, '/v1/stats/queue'),
  ].join('\n');
}

/**
 * The terminal message for an error, with a stack trace only for bugs.
 * @param withPort the command that starts it on another port
 */
export function describeProblem(error: unknown, withPort: (port: number) => string): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : '';
    return `Port ${port} is in use. Stop the process that uses it, or choose another port: ${withPort(Number(port) + 1)}`;
  }
  return error.constructor === Error ? error.message : (error.stack ?? error.message);
}
