import type { Outcome } from '../host/instance.ts';
import { arn } from '../template/aws.ts';
import { checkPermission } from '../template/permissions.ts';
import type { Resource, Template } from '../template/template.ts';
import { Authorizer } from './authorizer.ts';
import { Cors } from './cors.ts';
import { Gateway } from './gateway.ts';
import type { GatewayRoute } from './gateway.ts';
import { parseRouteKey } from './route.ts';
import { Throttle, type ThrottleLimits } from './throttle.ts';

const principal = 'apigateway.amazonaws.com';

interface Wiring {
  template: Template;
  invoke: (functionName: string, event: unknown) => Promise<Outcome>;
  now: () => number;
  warn: (message: string) => void;
  /** Whether to enforce the limits of the stage and its routes. */
  throttle: boolean;
}

/** Creates the gateway of the template's HTTP API, which is not listening yet. */
export function openGateway(wiring: Wiring): Gateway {
  const { template, now, warn } = wiring;
  const [api, ...others] = template.all('AWS::ApiGatewayV2::Api');
  if (!api || others.length > 0) throw new Error('The template must have exactly one AWS::ApiGatewayV2::Api.');
  const [stage] = template.all('AWS::ApiGatewayV2::Stage');
  if (!stage)
    throw new Error(
      `${api.logicalId} has no AWS::ApiGatewayV2::Stage. Add one in infra/: without it the API does not respond.`,
    );

  const authorizers = new Map(
    template.all('AWS::ApiGatewayV2::Authorizer').map((one) => [one.ref, authorizerOf(one, wiring)]),
  );
  const routes = template.all('AWS::ApiGatewayV2::Route').map((route) => routeOf(route, authorizers, wiring));
  const { CorsConfiguration: cors } = api.properties;
  return new Gateway({
    apiId: api.ref,
    cors: cors && new Cors(cors),
    routes,
    throttle: wiring.throttle ? throttleOf(stage, routes) : unlimited(),
    now,
    warn,
  });
}

const unlimited = () => new Throttle({ rate: Infinity, burst: Infinity }, {});

/** @throws Error if the limits name a route that does not exist, as on API Gateway */
function throttleOf({ logicalId, properties }: Resource<'AWS::ApiGatewayV2::Stage'>, routes: GatewayRoute[]): Throttle {
  const { DefaultRouteSettings: defaults = {}, RouteSettings } = properties;
  const known = new Set(routes.map(({ routeKey }) => routeKey));
  const limits = Object.entries(RouteSettings).map(([routeKey, own]): [string, ThrottleLimits] => {
    if (!known.has(routeKey)) throw new Error(`${logicalId} limits ${routeKey}, which is not a route. Check infra/.`);
    return [routeKey, { rate: own.ThrottlingRateLimit, burst: own.ThrottlingBurstLimit }];
  });
  const { ThrottlingRateLimit: rate = Infinity, ThrottlingBurstLimit: burst = Infinity } = defaults;
  return new Throttle({ rate, burst }, Object.fromEntries(limits));
}

/** Names of the functions that serve the gateway. */
export function gatewayFunctions(template: Template): string[] {
  const uris = [
    ...template.all('AWS::ApiGatewayV2::Integration').map(({ properties }) => properties.IntegrationUri),
    ...template.all('AWS::ApiGatewayV2::Authorizer').map(({ properties }) => properties.AuthorizerUri),
  ];
  return [...new Set(uris.map((uri) => functionOf(uri, template, 'The gateway').ref))];
}

function routeOf(
  { logicalId, properties }: Resource<'AWS::ApiGatewayV2::Route'>,
  authorizers: ReadonlyMap<string, Authorizer>,
  { template, invoke }: Wiring,
): GatewayRoute {
  const { ApiId, RouteKey, Target, AuthorizationType, AuthorizerId = '' } = properties;
  const target = Target.replace(/^integrations\//, '');
  const integration = template.get('AWS::ApiGatewayV2::Integration', target, logicalId);
  const fn = functionOf(integration.properties.IntegrationUri, template, integration.logicalId);
  const pattern = parseRouteKey(RouteKey);
  const source = `${ApiId}/$default/${pattern.method}/${pattern.segments.join('/')}`;
  checkPermission(template, fn.attributes['Arn'] ?? '', principal, arn('execute-api', source));
  const authorizer = authorizers.get(AuthorizerId);
  if (AuthorizationType === 'CUSTOM' && !authorizer) throw new Error(`${logicalId} has no authorizer. Check infra/.`);
  return {
    ...pattern,
    authorizer: AuthorizationType === 'CUSTOM' ? authorizer : undefined,
    timeoutMs: integration.properties.TimeoutInMillis,
    invoke: (event) => invoke(fn.ref, event),
  };
}

function authorizerOf(
  { logicalId, ref, properties }: Resource<'AWS::ApiGatewayV2::Authorizer'>,
  { template, invoke }: Wiring,
) {
  const { ApiId, AuthorizerUri, AuthorizerResultTtlInSeconds, IdentitySource } = properties;
  if (AuthorizerResultTtlInSeconds > 0 && IdentitySource.length === 0) {
    throw new Error(`${logicalId} has no identity source to cache its answers by: set its TTL to 0. Check infra/.`);
  }
  const fn = functionOf(AuthorizerUri, template, logicalId);
  checkPermission(template, fn.attributes['Arn'] ?? '', principal, arn('execute-api', `${ApiId}/authorizers/${ref}`));
  return new Authorizer({
    identityHeaders: IdentitySource.map((source) => source.replace('$request.header.', '').toLowerCase()),
    resultTtlSeconds: AuthorizerResultTtlInSeconds,
    invoke: (event) => invoke(fn.ref, event),
  });
}

/** @param uri the ARN of a function, or API Gateway's path to one */
function functionOf(uri: string, template: Template, from: string): Resource<'AWS::Lambda::Function'> {
  const functionArn = /functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
  return template.get('AWS::Lambda::Function', functionArn, from);
}
