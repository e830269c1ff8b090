import type { DependencyPolicy, Priority, Routing } from '../contract/nouns.ts';

/** One edge: a task that depends on another. It carries what is needed to release the child without reading it. */
export interface Edge {
  parentId: string;
  childId: string;
  childHash: string;
  /** The number of this dependency in the child, from 0. */
  ordinal: number;
  /** How many dependencies the child has. */
  need: number;
  policy: DependencyPolicy;
  lane: string;
  routing: Routing;
  priority: Priority;
  timeoutMs: number;
  payloadKb?: number;
  notBefore?: number;
}
