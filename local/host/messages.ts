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
