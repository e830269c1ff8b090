import type { MovableClock } from '../run/clock.ts';
import type { Edge } from '../edge/edge.ts';
import type { Queues } from '../engines/queues.ts';
import type { Outcome } from '../host/instance.ts';
import type { StreamArns } from '../storage/tables.ts';
import type { Resource, Template } from '../template/template.ts';

/** What a mapping needs from its environment. */
export interface SourceSettings {
  template: Template;
  edge: Edge;
  queues: Queues;
  clock: MovableClock;
  /** The folder for its positions. */
  folder: string;
  invoke: (functionName: string, event: unknown) => Promise<Outcome>;
  streams: StreamArns;
  trimStream: (tableName: string, upToSequenceNumber: string) => void;
  warn: (message: string) => void;
}

export type Mapping = Resource<'AWS::Lambda::EventSourceMapping'>;

/** A running event source mapping. */
export interface Source {
  /** What is still to be delivered to the function; undefined if there is nothing to do before time passes. */
  backlog(): Promise<string | undefined>;
  /** The clock was moved. */
  wake(): void;
  /**
   * Delivers what is waiting for its batching window as if the window had ended.
   * @returns whether there was any
   */
  flush?(): boolean;
  /** Returns when nothing is being delivered anymore. */
  stop(): Promise<void>;
}
