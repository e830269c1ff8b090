import type { MessagePort } from 'node:worker_threads';
import type { AwsAnswer } from '../edge/call.ts';

/** What crosses between the host and a worker thread. Events and results cross as JSON text, as on Lambda. */
export interface WorkerSettings {
  /** URL of the module in the bundle. */
  module: string;
  /** Name of the exported function. */
  handler: string;
  /** Milliseconds to add to real time, in shared memory. */
  offset: BigInt64Array;
  functionName: string;
  functionArn: string;
  memoryMb: number;
  logGroup: string;
  /** `127.0.0.1:<port>` of the edge. */
  edgeHost: string;
  /** Carries the requests to the edge. */
  edgePort: MessagePort;
}

export interface InvokeMessage {
  requestId: string;
  event: string;
  timeoutMs: number;
}

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** A worker says once that it is ready (or why not), and then one outcome for each event. */
export type WorkerMessage = { ready: true } | { result: string } | { error: FunctionError };

/** A request of the AWS SDK, with lower case names of headers. */
export interface EdgeRequestMessage {
  id: number;
  headers: Record<string, string>;
  text: string;
}

/** Undefined: the connection is cut. */
export interface EdgeAnswerMessage {
  id: number;
  answer: AwsAnswer | undefined;
}
