import type { OperationName } from '#shared/contract/operations.ts';
import type { Chance } from '../../support/random.ts';
import type { Answer, Identity } from '../api.ts';
import type { Knowledge } from './knowledge.ts';

/** What a program can do: call, wait, and use the responses. */
export interface Clients {
  readonly agentNames: readonly string[];
  readonly chance: Chance;
  readonly knowledge: Knowledge;
  now(): number;
  sleep(ms: number): Promise<void>;
  /**
   * Announces that there will be no calls for this long. In a very long time, most sweeps are skipped, since they would
   * find nothing.
   */
  expectQuiet(ms: number): void;
  request(operation: OperationName, input: Record<string, unknown>, identity: Identity): Promise<Answer>;
  /** Registers an agent that can do everything, as a named process if one is given. */
  register(name: string, process?: { instance?: string | undefined; takeover?: boolean }): Promise<Answer>;
  isServing(name: string): boolean;
  /** Whether nothing is left to do. */
  isSettled(): boolean;
  /** Whether the router finds all working agents. */
  areAllAgentsFound(): boolean;
}

/** What clients do. */
export type Program = (clients: Clients) => Promise<void>;
