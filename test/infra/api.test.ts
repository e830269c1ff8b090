import { beforeAll, expect, test } from 'vitest';
import { operations } from '#shared/contract/operations.ts';
import { allOf, only, synthesize, type Resource, type Synthesized } from './synthesize.ts';

let muster: Synthesized;
let routes: Resource['Properties'][];
beforeAll(async () => {
  muster = await synthesize('dev', { throttleRate: '7', throttleBurst: '9', authorizerCacheSeconds: '0' });
  routes = Object.values(allOf(muster, 'AWS::ApiGatewayV2::Route'));
});

const mcpRoutes = ['POST /mcp', 'GET /mcp', 'DELETE /mcp'];

test('there is one declared route per operation, those for MCP, and no other', () => {
  const declared = [...operations.map(({ route }) => route), ...mcpRoutes];
  expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(declared.sort());
});

test.each(mcpRoutes)('%s asks the authorizer', (route) => {
  expect(routes.find(({ RouteKey }) => RouteKey === route)).toMatchObject({
    AuthorizationType: 'CUSTOM',
    AuthorizerId: 'ApiHttpAuthorizer',
  });
});

test.each(operations)('$route asks the authorizer, unless it is public', ({ route, scope }) => {
  const { AuthorizationType, AuthorizerId } = routes.find(({ RouteKey }) => RouteKey === route) ?? {};
  const isPublic = scope === 'public';
  expect(AuthorizationType).toBe(isPublic ? 'NONE' : 'CUSTOM');
  expect(AuthorizerId).toBe(isPublic ? undefined : 'ApiHttpAuthorizer');
});

const doors = [
  { door: 'api', fn: 'ApiFunction', isDoorOf: (route: unknown) => !mcpRoutes.includes(String(route)) },
  { door: 'mcp', fn: 'ApiMcp', isDoorOf: (route: unknown) => mcpRoutes.includes(String(route)) },
];

test.each(doors)('all routes of the $door function reach it through one integration and one permission', (one) => {
  const targets = new Set(routes.filter(({ RouteKey }) => one.isDoorOf(RouteKey)).map(({ Target }) => Target));
  expect(targets.size).toBe(1);
  const integration = only(muster, 'AWS::ApiGatewayV2::Integration', ({ IntegrationUri }) => IntegrationUri === one.fn);
  expect(integration).toMatchObject({ PayloadFormatVersion: '2.0' });
  const permission = only(muster, 'AWS::Lambda::Permission', ({ FunctionName }) => FunctionName === one.fn);
  expect(permission).toMatchObject({ Principal: 'apigateway.amazonaws.com' });
});

test('the authorizer answers simply, by the Authorization header, and is cached for as long as set', () => {
  expect(only(muster, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject({
    AuthorizerType: 'REQUEST',
    AuthorizerPayloadFormatVersion: '2.0',
    EnableSimpleResponses: true,
    IdentitySource: ['$request.header.Authorization'],
    AuthorizerResultTtlInSeconds: 0,
  });
});

test('the API is throttled as set and does not allow browsers of other origins', () => {
  expect(only(muster, 'AWS::ApiGatewayV2::Stage')).toMatchObject({
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 },
  });
  expect(only(muster, 'AWS::ApiGatewayV2::Api').CorsConfiguration).toBeUndefined();
});

test('requests are logged, but never with a header, which would hold a key', () => {
  const { AccessLogSettings } = only(muster, 'AWS::ApiGatewayV2::Stage');
  const { DestinationArn, Format } = AccessLogSettings as { DestinationArn: string; Format: string };
  expect(DestinationArn).toBe('ApiAccessLog');
  expect(Format).toContain('$context.requestId');
  expect(Format.toLowerCase()).not.toContain('header');
});
