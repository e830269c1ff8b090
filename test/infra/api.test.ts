import { beforeAll, describe, expect, test } from 'vitest';
import type { Operation } from '#shared/contract/operation.ts';
import { operations } from '#shared/contract/operations.ts';
import { dashboardPages, metricsPage } from '#shared/contract/pages.ts';
import { allOf, only, synthesize, type Resource, type Synthesized } from './synthesize.ts';

let muster: Synthesized;
let routes: Resource['Properties'][];
let authorizers: Record<string, Resource['Properties']>;
beforeAll(async () => {
  muster = await synthesize('dev', { throttleRate: '7', throttleBurst: '9', authorizerCacheSeconds: '7' });
  routes = Object.values(allOf(muster, 'AWS::ApiGatewayV2::Route'));
  authorizers = allOf(muster, 'AWS::ApiGatewayV2::Authorizer');
});

const mcpRoutes = ['POST /mcp', 'GET /mcp', 'DELETE /mcp'];

const pageRoutes: string[] = dashboardPages.map(({ route }) => route);

test('there is one declared route per operation, plus those for MCP, Prometheus and the dashboard, and no others', () => {
  const declared = [...operations.map(({ route }) => route), metricsPage.route, ...mcpRoutes, ...pageRoutes];
  expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(declared.sort());
});

test.each(mcpRoutes)('%s uses the authorizer that is also called without a key', (route) => {
  expect(routes.find(({ RouteKey }) => RouteKey === route)).toMatchObject({
    AuthorizationType: 'CUSTOM',
    AuthorizerId: 'ApiHttpMcpAuthorizer',
  });
});

test.each([...operations, metricsPage])('$route uses the authorizer, unless it is public', ({ route, scope }) => {
  const { AuthorizationType, AuthorizerId } = routes.find(({ RouteKey }) => RouteKey === route) ?? {};
  const isPublic = scope === 'public';
  expect(AuthorizationType).toBe(isPublic ? 'NONE' : 'CUSTOM');
  expect(AuthorizerId).toBe(isPublic ? undefined : 'ApiHttpAuthorizer');
});

test.each(pageRoutes)('%s is public', (route) => {
  expect(routes.find(({ RouteKey }) => RouteKey === route)).toMatchObject({ AuthorizationType: 'NONE' });
});

const doors = [
  {
    door: 'api',
    fn: 'ApiFunction',
    isDoorOf: (route: unknown) => ![...mcpRoutes, ...pageRoutes].includes(String(route)),
  },
  { door: 'dashboard', fn: 'ApiDashboard', isDoorOf: (route: unknown) => pageRoutes.includes(String(route)) },
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

const simple = { AuthorizerType: 'REQUEST', AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true };

test('the authorizer returns simple responses, identifies by the Authorization header, and is cached as configured', () => {
  expect(authorizers['ApiHttpAuthorizer']).toMatchObject({
    ...simple,
    IdentitySource: ['$request.header.Authorization'],
    AuthorizerResultTtlInSeconds: 7,
  });
});

test('the MCP authorizer has no identity source and no cache, so that a request without a key gets our own response', () => {
  expect(authorizers['ApiHttpMcpAuthorizer']).toMatchObject({
    ...simple,
    IdentitySource: [],
    AuthorizerResultTtlInSeconds: 0,
  });
  expect(authorizers['ApiHttpMcpAuthorizer']?.['AuthorizerUri']).toEqual(
    authorizers['ApiHttpAuthorizer']?.['AuthorizerUri'],
  );
});

test('pages of other origins may call every operation and MCP if configured, and can read Retry-After', async () => {
  const origins = ['https://app.example.com', 'http://localhost:5173'];
  const { CorsConfiguration } = only(
    await synthesize('dev', { corsOrigins: origins.join(', ') }),
    'AWS::ApiGatewayV2::Api',
  );
  const { AllowMethods, ...cors } = CorsConfiguration as Record<string, string[]>;
  expect(cors).toMatchObject({
    AllowOrigins: origins,
    AllowHeaders: expect.arrayContaining(['authorization', 'content-type', 'mcp-protocol-version']) as string[],
    ExposeHeaders: expect.arrayContaining(['retry-after', 'apigw-requestid']) as string[],
  });
  const methods = [...operations.map(({ route }) => route), ...mcpRoutes].map((route) => route.split(' ')[0]);
  expect(AllowMethods?.toSorted()).toEqual([...new Set(methods)].sort());
  expect(cors).not.toHaveProperty('AllowCredentials');
});

test('the API is throttled as configured and does not allow browsers of other origins', () => {
  expect(only(muster, 'AWS::ApiGatewayV2::Stage')).toMatchObject({
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 },
  });
  expect(only(muster, 'AWS::ApiGatewayV2::Api').CorsConfiguration).toBeUndefined();
});

describe('the operations that agents depend on', () => {
  const [rate, burst] = [2000, 1000];
  let busy: Synthesized;
  beforeAll(async () => {
    busy = await synthesize('dev', { throttleRate: String(rate), throttleBurst: String(burst) });
  });
  const limits = () =>
    only(busy, 'AWS::ApiGatewayV2::Stage')['RouteSettings'] as Record<
      string,
      { ThrottlingRateLimit: number; ThrottlingBurstLimit: number }
    >;

  test('are limited only by the stage', () => {
    const work = operations.filter(({ scope, name }) => scope === 'tasks:work' || name === 'poll_tasks');
    expect(work.length).toBeGreaterThan(7);
    expect(work.filter(({ route }) => route in limits())).toEqual([]);
  });

  test.each([
    'create_task',
    'create_tasks',
    'submit_graph',
    'get_queue_statistics',
    'get_health',
    'create_key',
    'openapi',
  ])('are not delayed by %s', (name) => {
    const { route, share } = operations.find((row) => row.name === name) as Operation;
    expect(limits()[route]).toEqual({
      ThrottlingRateLimit: share * rate,
      ThrottlingBurstLimit: Math.ceil(share * burst),
    });
  });

  test("keep a tenth of the stage's rate when everything else is flooded at once", () => {
    const others = Object.values(limits()).reduce((sum, { ThrottlingRateLimit }) => sum + ThrottlingRateLimit, 0);
    expect(others / rate).toBeLessThan(0.9);
  });

  test('every limited route is created before the stage limits it', () => {
    const stage = Object.values(busy.resources).find(({ Type }) => Type === 'AWS::ApiGatewayV2::Stage');
    const limited = Object.entries(allOf(busy, 'AWS::ApiGatewayV2::Route')).filter(
      ([, { RouteKey }]) => String(RouteKey) in limits(),
    );
    expect(limited).toHaveLength(Object.keys(limits()).length);
    const earlier = stage?.DependsOn?.map((Ref) => busy.nameOf({ Ref }));
    expect(earlier).toEqual(expect.arrayContaining(limited.map(([name]) => name)));
  });
});

test('requests are logged, but never with a header, which would contain a key', () => {
  const { AccessLogSettings } = only(muster, 'AWS::ApiGatewayV2::Stage');
  const { DestinationArn, Format } = AccessLogSettings as { DestinationArn: string; Format: string };
  expect(DestinationArn).toBe('ApiAccessLog');
  expect(Format).toContain('$context.requestId');
  expect(Format.toLowerCase()).not.toContain('header');
});
