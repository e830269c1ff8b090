import type { MovableClock } from '../run/clock.ts';
import type { Edge } from '../edge/edge.ts';
import type { Queues } from '../engines/queues.ts';
import type { Outcome } from '../host/instance.ts';
import type { StreamArns } from '../storage/tables.ts';
import type { Resource, Template } from '../template/template.ts';

/** What a mapping needs of the world around it. */
export interface SourceSettings {
  template: Template;
  edge: Edge;
  queues: Queues;
  clock: MovableClock;
  /** Where positions are kept. */
  folder: string;
  invoke: (functionName: string, event: unknown) => Promise<Outcome>;
  streams: StreamArns;
  trimStream: (tableName: string, upToSequenceNumber: string) => void;
  warn: (message: string) => void;
}

export type Mapping = Resource<'AWS::Lambda::EventSourceMapping'>;

/** An event source mapping at work. */
export interface Source {
  /** What still has to be handed to the function; undefined when there is nothing to do before time passes. */
  backlog(): Promise<string | undefined>;
  /** The clock was moved. */
  wake(): void;
  /** Hands over what waits for its batching window to end, as if it had. @returns whether there was any */
  hurry?(): boolean;
  /** Returns when nothing is being handed over any more. */
  stop(): Promise<void>;
}
