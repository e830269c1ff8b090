import type { LocalEdge } from '../edge/call-edge.ts';
import type { MovableClock } from '../run/clock.ts';
import type { FunctionLogs } from './logs.ts';

/** A function as the template defines it. */
export interface FunctionDefinition {
  /** Logical id. */
  id: string;
  name: string;
  /** The name that the function uses in its logs; those that CloudFormation generates are hard to read. */
  label: string;
  arn: string;
  /** Folder of the bundle. */
  folder: string;
  /** `<file>.<export>` */
  handler: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMb: number;
  logGroup: string;
  logFormat: string;
}

/** What all functions have in common. */
export interface HostSettings {
  clock: MovableClock;
  edge: LocalEdge;
  logs: FunctionLogs;
}
