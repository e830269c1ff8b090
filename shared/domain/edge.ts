import type { DependencyPolicy, Priority, Routing } from '../contract/nouns.ts';

/** A dependency edge. It carries what is needed to release the child without reading it. */
export interface Edge {
  parentId: string;
  childId: string;
  childHash: string;
  /** The index of this dependency in the child, from 0. */
  ordinal: number;
  /** The child's number of dependencies. */
  need: number;
  policy: DependencyPolicy;
  lane: string;
  routing: Routing;
  priority: Priority;
  timeoutMs: number;
  payloadKb?: number;
  notBefore?: number;
}
