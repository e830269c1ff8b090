import { hostname } from 'node:os';

/** Who acts, as named in requests: the agent, and the process that runs it. */
export interface Identity {
  agent_id: string;
  instance: string;
}

/** The maximum length of an agent id. */
const maxIdLength = 64;
const maxHostLength = 64;

/** The name of this machine, for people; undefined if it has none. */
export const hostName = () => hostname().slice(0, maxHostLength) || undefined;

/** A new instance id for a process. */
export const newInstance = () => crypto.randomUUID().replaceAll('-', '').slice(0, 10);

/**
 * A new identity for an agent of this process.
 * @param perProcess whether the agent's id is unique to this process, such as `writer@host-1a2b`
 */
export function newIdentity(id: string, perProcess: boolean): Identity {
  const instance = newInstance();
  return { agent_id: perProcess ? ownId(id, instance.slice(0, 4)) : id, instance };
}

function ownId(id: string, suffix: string): string {
  const host = (hostName() ?? 'host').replaceAll(/[^A-Za-z0-9_.:-]/g, '-');
  return `${id}@${host.slice(0, Math.max(0, maxIdLength - id.length - suffix.length - 2))}-${suffix}`;
}
