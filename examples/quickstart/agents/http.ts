import { setTimeout as wait } from 'node:timers/promises';

/** A setting that the parent process passes to an agent. */
function setting(name: 'MUSTER_URL' | 'MUSTER_KEY' | 'MUSTER_AGENT'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
}

export const agentId = setting('MUSTER_AGENT');
const url = setting('MUSTER_URL');
const key = setting('MUSTER_KEY');

/**
 * Posts JSON and returns the JSON of the response. Waits and retries while the service is busy.
 * @throws Error with what was refused and why
 */
export async function post(path: string, body: object): Promise<unknown> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status === 429 || response.status === 503) {
    await wait(1000 * Number(response.headers.get('retry-after') ?? 1));
    return post(path, body);
  }
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}
