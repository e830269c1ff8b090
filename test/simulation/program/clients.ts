import type { OperationName } from '#shared/contract/operations.ts';
import type { Chance } from '../../support/random.ts';
import type { Answer, Identity } from '../api.ts';
import type { Knowledge } from './knowledge.ts';

/** What a program can do: call, wait, and know what was answered. */
export interface Clients {
  readonly agentNames: readonly string[];
  readonly chance: Chance;
  readonly knowledge: Knowledge;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Nobody will call for so long. In a very long time most sweeps are left out: they would find nothing, one like the other. */
  willBeQuiet(ms: number): void;
  request(operation: OperationName, input: Record<string, unknown>, identity: Identity): Promise<Answer>;
  /** Registers an agent that can do everything, as a process that names itself where one is given. */
  register(name: string, process?: { instance?: string | undefined; takeover?: boolean }): Promise<Answer>;
  isServing(name: string): boolean;
  /** Nothing is left to do. */
  isSettled(): boolean;
  /** The router finds everybody who works. */
  isEverybodyFound(): boolean;
}

/** What clients do. */
export type Program = (clients: Clients) => Promise<void>;
