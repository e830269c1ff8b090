import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { Sha256 } from './sha256.ts';

/** Attempts per call. */
export const maxAttempts = 3;
const connectTimeoutMs = 1000;
const responseTimeoutMs = 3000;

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

const ignore = () => undefined;

/**
 * Logs nothing, like the SDK's default. It has neither `info` nor `error`, because if they exist, the SDK copies the
 * input and output of every call for them, which is 3% of its work.
 */
const noLog = { trace: ignore, debug: ignore, warn: ignore } as Logger;

/** Settings that make calls cheaper and change nothing else. */
const efficientSettings = {
  logger: noLog,
  sha256: Sha256,
  // No middleware is added to a client or command after its first call.
  cacheMiddleware: true,
};

interface AwsClientSettings {
  logger: Logger;
  sha256: typeof Sha256;
  cacheMiddleware: boolean;
  maxAttempts: number;
  requestHandler: {
    connectionTimeout: number;
    socketTimeout: number;
  };
}

/**
 * Creates a client of an AWS service: `awsClient(SQSClient)`. By default, the SDK waits for a response until the
 * function times out. Here, an attempt fails if it does not connect within 1 s, or if nothing arrives for 3 s; then the
 * SDK retries. A retry is safe even if the call succeeded: every write is conditional or idempotent.
 *
 * If nothing responds, three attempts and the pauses between them take at most 9.2 s (3 s if everything is throttled);
 * then the call fails as unavailable. Every function has more time than that: the router 10 s, api and mcp 29 s, the
 * others about a minute. Only the authorizer, with 5 s, uses shorter attempts. A function to which this happens several
 * times in a row runs into its own timeout; its caller gets a 503 or retries.
 * @param timeoutMs the time limit of an attempt
 */
export function awsClient<Client>(
  Service: new (settings: AwsClientSettings) => Client,
  timeoutMs: number = responseTimeoutMs,
): Client {
  return new Service({
    ...efficientSettings,
    maxAttempts: maxAttempts,
    requestHandler: {
      connectionTimeout: Math.min(connectTimeoutMs, timeoutMs),
      // After connecting: the maximum wait for the response, and for each part of it. `requestTimeout` would set
      // another timer per call.
      socketTimeout: timeoutMs,
    },
  });
}

/**
 * A client that shares another one's connections but does not retry, for calls that must be changed before they are
 * repeated.
 */
export function withoutRetries({ config }: DynamoDBClient): DynamoDBClient {
  const { region, credentials, endpoint, requestHandler } = config;
  // eslint-disable-next-line no-restricted-syntax -- the time limits are in the shared request handler
  return new DynamoDBClient({
    region,
    credentials,
    ...(endpoint && { endpoint }),
    requestHandler,
    ...efficientSettings,
    maxAttempts: 1,
  });
}
