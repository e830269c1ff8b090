import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  type DomainName,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { operations } from '#shared/contract/operations.ts';
import { dashboardPages, metricsPage } from '#shared/contract/pages.ts';
import { agentIndex, workIndex, type AgentsTableItems } from '#shared/schema.ts';
import type { Settings } from '../defaults.ts';
import type { MusterProps } from '../props.ts';
import { acknowledge } from './acknowledge.ts';
import { corsFor } from './cors.ts';
import type { Dispatch } from './dispatch.ts';
import { addDomain } from './domain.ts';
import { MusterFunction, type Access } from './function.ts';
import type { Storage } from './storage.ts';

interface ApiProps {
  settings: Settings;
  given: Pick<MusterProps, 'authorizer' | 'domain'>;
  storage: Storage;
  dispatch: Dispatch;
}

/**
 * The HTTP API. Each operation has a route, served by one function; MCP has a path, served by another; a third serves
 * the files of the web dashboard. All routes except public ones are authorized.
 */
export class Api extends Construct {
  readonly http: HttpApi;
  readonly function: MusterFunction;
  readonly mcp: MusterFunction;
  /** Undefined if the operator brings an authorizer. */
  readonly authorize: MusterFunction | undefined;
  /** Serves the web dashboard; its only permission is to log. */
  readonly dashboard: MusterFunction;
  readonly domain: DomainName | undefined;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    // Only HTTP has the operations on keys and the recount. Both functions verify keys that the authorizer could not
    // read.
    this.function = this.addTransport('Function', 'api', 'Serves every operation of the HTTP API', props, {
      statistics: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
      accessKeys: ['Query', 'PutItem', 'UpdateItem'],
    });
    this.mcp = this.addTransport('Mcp', 'mcp', 'Serves MCP clients', props, { statistics: ['GetItem', 'Query'] });
    const { authorizer, domain } = props.given;
    const authorize = authorizer ?? (this.authorize = this.addAuthorize(props));
    this.dashboard = new MusterFunction(this, 'Dashboard', {
      name: 'dashboard',
      does: 'Serves the web dashboard',
      settings: props.settings,
      memoryMB: 256,
      timeout: Duration.seconds(5),
    });
    const { corsOrigins } = props.settings;
    this.http = new HttpApi(this, 'Http', {
      apiName: this.node.path,
      createDefaultStage: false,
      ...(corsOrigins.length > 0 && { corsPreflight: corsFor(corsOrigins) }),
    });
    this.domain = domain && addDomain(this, domain);
    this.addStage(props.settings, this.addRoutes(props.settings, authorize));
  }

  /** A function that performs operations for one transport. */
  private addTransport(
    id: string,
    name: 'api' | 'mcp',
    does: string,
    { settings, storage, dispatch }: ApiProps,
    more: Partial<Record<AgentsTableItems, Access[]>>,
  ): MusterFunction {
    return new MusterFunction(this, id, {
      name,
      does,
      settings,
      memoryMB: 512,
      // API Gateway gives up after 30 s; before that, the function can still report what happened.
      timeout: Duration.seconds(29),
    })
      .usesTasks(
        storage.tasks,
        ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'],
        [workIndex, agentIndex],
      )
      .usesAgents(storage.agents, {
        agents: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
        directory: ['Query', 'PutItem', 'DeleteItem'],
        members: ['Query', 'PutItem', 'DeleteItem'],
        lanes: ['GetItem', 'BatchGetItem', 'UpdateItem'],
        activeLanes: ['Query', 'PutItem'],
        ...more,
      })
      .sendsReadyTasksTo(dispatch.readyQueue)
      .usesDurations(settings);
  }

  private addAuthorize({ settings, storage }: ApiProps): MusterFunction {
    return new MusterFunction(this, 'Authorize', {
      name: 'authorize',
      does: 'Authenticates API keys',
      settings,
      memoryMB: 256,
      timeout: Duration.seconds(5),
    }).usesAgents(storage.agents, { accessKeys: ['GetItem'] });
  }

  private addStage(settings: Settings, routes: readonly LimitedRoute[]): void {
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: this.accessLogName(),
      retention: settings.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.http,
      autoDeploy: true,
      ...(this.domain && { domainMapping: { domainName: this.domain } }),
      throttle: { rateLimit: settings.throttleRate, burstLimit: settings.throttleBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(accessLogLine),
      },
    });
    const limited = routes.filter(({ share }) => share < 1);
    (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
      limited.map(({ routeKey, share }) => [routeKey.key, limitOf(share, settings)]),
    );
    // API Gateway rejects settings for a route that does not exist yet.
    stage.node.addDependency(...limited.map(({ route }) => route));
  }

  /**
   * An access log outside `/aws/vendedlogs/` adds to a resource policy of the account, which has room for about ten.
   * The stack name makes the log's name unique, as CloudFormation would.
   */
  private accessLogName(): string {
    const { stackName, node } = Stack.of(this);
    const pathInStack = this.node.path.slice(node.path === '' ? 0 : node.path.length + 1);
    return `/aws/vendedlogs/apigateway/${stackName}/${pathInStack.replaceAll(/[^\w.\-/#]/g, '-')}`;
  }

  private addRoutes(settings: Settings, authorize: IFunction): LimitedRoute[] {
    const authorizer = new HttpLambdaAuthorizer('Authorizer', authorize, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ['$request.header.Authorization'],
      resultsCacheTtl: settings.authorizerCache,
    });
    // A single permission for all routes: one per route would exceed the 20 KB limit of a function's policy.
    const integration = new HttpLambdaIntegration('Integration', this.function, { scopePermissionToRoute: false });
    const limited = [...operations, metricsPage].map(({ name, route, scope, share }): LimitedRoute => {
      const [method, path] = route.split(' ') as [HttpMethod, string];
      const routeKey = HttpRouteKey.with(path, method);
      const httpRoute = new HttpRoute(this, name, {
        httpApi: this.http,
        routeKey,
        integration,
        ...(scope !== 'public' && { authorizer }),
      });
      if (scope === 'public')
        acknowledge(httpRoute, 'Public on purpose: it says nothing about this stage', 'AwsSolutions-APIG4');
      return { route: httpRoute, routeKey, share };
    });
    const mcpAuthorizer = new HttpLambdaAuthorizer('McpAuthorizer', authorize, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // API Gateway itself rejects a request without the identity source, and no MCP client shows what that response
      // means. Without an identity source nothing can be cached, so the authorizer runs on every request.
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    });
    const mcpIntegration = new HttpLambdaIntegration('McpIntegration', this.mcp, { scopePermissionToRoute: false });
    for (const [method, share] of mcpShares) {
      const routeKey = HttpRouteKey.with('/mcp', method);
      const integrated = { httpApi: this.http, routeKey, integration: mcpIntegration, authorizer: mcpAuthorizer };
      limited.push({ route: new HttpRoute(this, `mcp-${method}`, integrated), routeKey, share });
    }
    return [...limited, ...this.addPages()];
  }

  private addPages(): LimitedRoute[] {
    const integration = new HttpLambdaIntegration('DashboardIntegration', this.dashboard, {
      scopePermissionToRoute: false,
    });
    return dashboardPages.map(({ name, route: key, share }) => {
      const routeKey = HttpRouteKey.with(key.replace('GET ', ''), HttpMethod.GET);
      const route = new HttpRoute(this, name, { httpApi: this.http, routeKey, integration });
      acknowledge(route, 'Public on purpose: the files hold no data, the page asks for a key', 'AwsSolutions-APIG4');
      return { route, routeKey, share };
    });
  }
}

interface LimitedRoute {
  route: HttpRoute;
  routeKey: HttpRouteKey;
  /** Its share of the stage's request rate. */
  share: number;
}

/**
 * GET and DELETE are for servers with sessions. They are declared so that they return 405, as the protocol requires.
 */
const mcpShares = [
  [HttpMethod.POST, 0.1],
  [HttpMethod.GET, 0.01],
  [HttpMethod.DELETE, 0.01],
] as const;

/** Even a stage with a low rate admits one request a second of every kind. */
const limitOf = (share: number, { throttleRate, throttleBurst }: Settings) => ({
  ThrottlingRateLimit: Math.max(1, share * throttleRate),
  ThrottlingBurstLimit: Math.max(1, Math.ceil(share * throttleBurst)),
});

const accessLogLine = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  functionMilliseconds: '$context.integrationLatency',
  functionError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
  gatewayError: '$context.error.message',
});
