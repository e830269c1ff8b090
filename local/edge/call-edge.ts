import { engineHeaders } from '../engines/dynamodb.ts';
import type { EdgeAddress } from './aws-client.ts';
import type { Edge } from './edge.ts';

/** The edge of this process. */
export type LocalEdge = EdgeAddress & Pick<Edge, 'request'>;

interface WireError {
  __type?: string;
  message?: string;
  /** The spelling of DynamoDB Local. */
  Message?: string;
}

/** An error response; its name is that of the exception. */
class AwsCallError extends Error {
  constructor({ __type = 'UnknownError', message, Message = '' }: WireError) {
    super(message ?? Message);
    this.name = __type.split('#').at(-1) ?? __type;
  }
}

/**
 * Makes a call in the role of a function, as Lambda's pollers do on AWS: without the SDK and without a socket, but with
 * the same admission, authorization, metering and faults. Returns the response in wire format.
 * @param caller logical id of the function
 * @param target for example AmazonSQS.ReceiveMessage
 * @throws AwsCallError; the signal's reason once it is aborted, whatever the outcome of the call
 */
export async function callEdge<Answer = unknown>(
  edge: LocalEdge,
  caller: string,
  target: string,
  body: object,
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  const headers = {
    ...engineHeaders({ keyId: caller }),
    host: new URL(edge.url).host,
    'x-amz-security-token': edge.token,
    'x-amz-target': target,
  };
  const answer = await unlessAborted(edge.request({ headers, text: JSON.stringify(body) }), signal);
  if (!answer) throw new Error(`The connection was cut during ${target}.`);
  const result = JSON.parse(answer.body || '{}') as Answer & WireError;
  if (answer.status !== 200) throw new AwsCallError(result);
  return result;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
