import type { EdgeHere } from '../edge/call-edge.ts';
import type { MovableClock } from '../run/clock.ts';
import type { FunctionLogs } from './logs.ts';

/** A function as the template defines it. */
export interface FunctionDefinition {
  /** Logical id. */
  id: string;
  name: string;
  /** What people know it by: the name that it gives itself in its logs. CloudFormation's own are hard to read. */
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

/** What all functions share. */
export interface HostSettings {
  clock: MovableClock;
  edge: EdgeHere;
  logs: FunctionLogs;
}
