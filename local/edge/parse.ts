import { awsError, type AwsAnswer, type AwsCall, type AwsService, type WireRequest } from './call.ts';

const services: Record<string, AwsService> = {
  DynamoDB_20120810: 'dynamodb',
  DynamoDBStreams_20120810: 'dynamodbstreams',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
};

/** The call in a request, or the refusal if there is none. */
export function parse({ headers, text }: WireRequest): AwsCall | AwsAnswer {
  const target = String(headers['x-amz-target'] ?? 'a request without X-Amz-Target');
  const [prefix = '', action = ''] = target.split('.');
  const service = services[prefix];
  if (!service) {
    return awsError(
      'UnknownOperationException',
      `The AWS edge does not support ${target}, only DynamoDB, SQS and PutEvents.`,
    );
  }
  const caller = /Credential=([^/,\s]+)/.exec(headers.authorization ?? '')?.[1];
  if (caller === undefined) return awsError('MissingAuthenticationTokenException', 'The request is not signed.');
  const body = parseObject(text);
  if (!body) return awsError('SerializationException', 'The body is not a JSON object.');
  const operation = headers['x-muster-operation'];
  return { caller, service, action, body, operation: typeof operation === 'string' ? operation : undefined };
}

function parseObject(text: string): AwsCall['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as AwsCall['body']) : undefined;
  } catch {
    return undefined;
  }
}
