import type { MessagePort } from 'node:worker_threads';
import type { AwsAnswer } from '../edge/call.ts';

/** What the host passes to a worker thread. Events and results are passed as JSON text, as on Lambda. */
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
  /** The port to the edge. */
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

/** A worker reports once that it is ready (or why not), and then one outcome per event. */
export type WorkerMessage = { ready: true } | { result: string } | { error: FunctionError };

/** A request of the AWS SDK, with header names in lowercase. */
export interface EdgeRequestMessage {
  id: number;
  headers: Record<string, string>;
  text: string;
}

/** Without an answer, the connection is cut. */
export interface EdgeAnswerMessage {
  id: number;
  answer: AwsAnswer | undefined;
}
