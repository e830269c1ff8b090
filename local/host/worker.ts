/** Runs in a worker thread: loads one bundle and handles one event at a time, as the Lambda runtime does. */
import { parentPort, workerData } from 'node:worker_threads';
import { carryRequests } from './edge-request.ts';
import { moveDate } from './moved-date.ts';
import type { FunctionError, InvokeMessage, WorkerMessage, WorkerSettings } from './messages.ts';

type Handler = (event: unknown, context: Record<string, unknown>) => unknown;

const settings = workerData as WorkerSettings;
const post = (message: WorkerMessage): void => parentPort?.postMessage(message);

const describe = (error: unknown): FunctionError =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
    : { errorType: typeof error, errorMessage: String(error) };

function contextOf({ requestId, timeoutMs }: InvokeMessage): Record<string, unknown> {
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    logGroupName: settings.logGroup,
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

async function loadHandler(): Promise<Handler> {
  const exported = (await import(settings.module)) as Record<string, unknown>;
  const handler = exported[settings.handler];
  if (typeof handler !== 'function')
    throw new TypeError(`${settings.module} exports no function "${settings.handler}"`);
  return handler as Handler;
}

moveDate(settings.offset);
carryRequests(settings.edgeHost, settings.edgePort);
try {
  const handler = await loadHandler();
  parentPort?.on('message', (message: InvokeMessage) => {
    void (async () => {
      try {
        const result = await handler(JSON.parse(message.event), contextOf(message));
        post({ result: JSON.stringify(result ?? null) });
      } catch (error) {
        post({ error: describe(error) });
      }
    })();
  });
  post({ ready: true });
} catch (error) {
  post({ error: describe(error) });
}
