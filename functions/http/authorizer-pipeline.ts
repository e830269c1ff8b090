import middy from '@middy/core';
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult as Authorization,
} from 'aws-lambda';
import type { Identity } from '#shared/operations/keys/authenticate.ts';
import { logEvents } from '../telemetry/log-events.ts';
import { refusalOf } from './refusal.ts';

/**
 * The pipeline of API Gateway's authorizer. It always returns "authorized", with an identity in the context or the
 * reason why there is none: `identifyCaller` can then refuse with a problem, which API Gateway could not.
 */
export function authorizerPipeline(identify: (authorization: string | undefined) => Promise<Identity>) {
  return middy<APIGatewayRequestAuthorizerEventV2, Authorization<Identity>>()
    .use(logEvents())
    .onError((request) => {
      request.response = { isAuthorized: true, context: { refusal: refusalOf(request.error).code } };
    })
    .handler(async ({ headers }) => ({
      isAuthorized: true,
      context: await identify(headers?.['authorization']),
    }));
}
