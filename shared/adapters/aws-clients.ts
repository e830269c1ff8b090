import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { Sha256 } from './sha256.ts';

/** How often a call is tried. */
export const tries = 3;
const connectWithinMs = 1000;
const answerWithinMs = 3000;

type Logger = NonNullable<DynamoDBClientConfig['logger']>;

const ignore = () => undefined;

/**
 * Keeps nothing, as the SDK's own default, but has neither `info` nor `error`: where they are there, the SDK copies the input and
 * the output of every call for them, which is 3 % of what it does.
 */
const noLog = { trace: ignore, debug: ignore, warn: ignore } as Logger;

/** What makes a call cheaper and changes nothing else. */
const frugal = {
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
 * Makes a client of an AWS service: `awsClient(SQSClient)`. By default the SDK waits for an answer until the function is
 * ended. Here a try fails when it is not connected after 1 s, or when nothing comes for 3 s; then the SDK repeats it. To
 * repeat what had happened after all is safe: every write is conditional, or does the same twice.
 *
 * Three tries and the pauses between them take 9.2 s at most while nothing answers (3 s while everything is throttled), then
 * the call fails as unavailable. That is less than any function has: the router 10 s, api and mcp 29 s, the others about a
 * minute. Only the authorizer has 5 s, and asks for shorter tries. A function that meets this several times in a row is
 * ended by its own time limit; whoever called it gets a 503 or repeats it.
 * @param withinMs how long a try may take
 */
export function awsClient<Client>(
  Service: new (settings: AwsClientSettings) => Client,
  withinMs: number = answerWithinMs,
): Client {
  return new Service({
    ...frugal,
    maxAttempts: tries,
    requestHandler: {
      connectionTimeout: Math.min(connectWithinMs, withinMs),
      // Once connected: until the answer begins, and then between its parts. `requestTimeout` would set a timer more for each call.
      socketTimeout: withinMs,
    },
  });
}

/** A client with the connections of another one, which does not repeat what fails: for a call whose repeat must say something else. */
export function triedOnce({ config }: DynamoDBClient): DynamoDBClient {
  const { region, credentials, endpoint, requestHandler } = config;
  // eslint-disable-next-line no-restricted-syntax -- the time limits are in the request handler, which it shares
  return new DynamoDBClient({
    region,
    credentials,
    ...(endpoint && { endpoint }),
    requestHandler,
    ...frugal,
    maxAttempts: 1,
  });
}
