import type { IncomingHttpHeaders } from 'node:http';

export type AwsService = 'dynamodb' | 'dynamodbstreams' | 'sqs' | 'events';

/** One call of the AWS SDK. */
export interface AwsCall {
  /** Access key id of the request: the logical id of the calling function. */
  caller: string;
  service: AwsService;
  /** For example UpdateItem. */
  action: string;
  body: Record<string, unknown>;
  /** The header x-muster-operation, in which a function may name the operation it performs. */
  operation: string | undefined;
}

/** The same call in wire format. */
export interface WireRequest {
  headers: IncomingHttpHeaders;
  text: string;
}

export interface AwsAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Serves the calls of one AWS service. */
export type AwsBackend = (call: AwsCall, wire: WireRequest) => Promise<AwsAnswer>;

/** A response of the AWS JSON protocol. */
export function awsAnswer(status: number, body: object): AwsAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}

/** An error response as the AWS SDK expects it; `type` is the name of the exception. */
export function awsError(type: string, message: string, status = 400): AwsAnswer {
  return awsAnswer(status, { __type: `com.amazon.coral.service#${type}`, message });
}

/** The refusal of credentials that do not belong to this Muster. */
export const unknownCredentials = awsError(
  'UnrecognizedClientException',
  'The security token included in the request is invalid.',
);
