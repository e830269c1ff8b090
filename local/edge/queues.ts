import type { Queues } from '../engines/queues.ts';
import type { AwsBackend, AwsCall } from './call.ts';
import { keyOf, type Meter, type Usage } from './meter.ts';

interface Message {
  MessageBody?: string;
  Body?: string;
  MessageAttributes?: Record<string, { DataType?: string; StringValue?: string; BinaryValue?: string }>;
}

interface Batch {
  Entries?: Message[];
  Messages?: Message[];
  Successful?: unknown[];
}

/** Serves SQS and meters its requests and messages. */
export function serveQueues(queues: Queues, meter: Meter): AwsBackend {
  return async (call, { headers, text }) => {
    const answer = await queues.send({
      headers: {
        // fauxqs takes the region from the first and the address of new queue URLs from the second.
        authorization: headers.authorization ?? '',
        host: headers.host ?? '',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': String(headers['x-amz-target']),
      },
      body: text,
    });
    meter.count(keyOf(call), usage(call, answer.status === 200 ? (JSON.parse(answer.body || '{}') as Batch) : {}));
    return answer;
  };
}

function usage({ action, body }: AwsCall, answer: Batch): Partial<Usage> {
  const request = body as Batch & Message;
  switch (action) {
    case 'SendMessage':
      return { calls: 1, queueRequests: requests([request]), messages: 'MessageId' in answer ? 1 : 0 };
    case 'SendMessageBatch':
      return { calls: 1, queueRequests: requests(request.Entries ?? []), messages: answer.Successful?.length ?? 0 };
    case 'ReceiveMessage':
      return answer.Messages?.length ? { calls: 1, queueRequests: requests(answer.Messages) } : { idlePolls: 1 };
    default:
      return { calls: 1, queueRequests: 1 };
  }
}

const chunkBytes = 64 * 1024;

/** AWS bills each 64 KB of a request's messages as one request. */
function requests(messages: Message[]): number {
  const bytes = messages.map(({ MessageBody, Body, MessageAttributes }) => {
    const attributes = Object.entries(MessageAttributes ?? {}).flatMap(([name, attribute]) => [
      name,
      ...Object.values(attribute),
    ]);
    return [MessageBody ?? Body ?? '', ...attributes].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  });
  return Math.max(1, Math.ceil(bytes.reduce((sum, one) => sum + one, 0) / chunkBytes));
}
