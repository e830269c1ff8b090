import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '#local/template/cloud-assembly.ts';
import type { TemplateSource } from '#local/template/template.ts';

export type Resources = TemplateSource['Resources'];

/**
 * A template for a single test, with functions of a few lines. A function records values with `record(value)`, and the
 * test reads them with `recorded`.
 */
export class TinyTemplate {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-template-'));
  readonly #resources: Resources = {};

  add(resources: Resources): this {
    Object.assign(this.#resources, resources);
    return this;
  }

  /**
   * @param body of `async (event, context) => { ... }`
   * @param mayDo statements of its role. Default: anything
   */
  function(
    logicalId: string,
    body: string,
    properties: Record<string, unknown> = {},
    mayDo: object[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  ): this {
    mkdirSync(join(this.folder, logicalId));
    const module = `
      import { appendFileSync } from 'node:fs';
      const record = (value) => appendFileSync(${JSON.stringify(this.#recordFile(logicalId))}, JSON.stringify(value) + '\\n');
      export const handler = async (event, context) => { ${body} };`;
    writeFileSync(join(this.folder, logicalId, 'index.mjs'), module);
    return this.add({
      [logicalId]: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: logicalId,
          Code: { S3Bucket: 'assets', S3Key: logicalId },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          MemorySize: 128,
          Role: { 'Fn::GetAtt': [`${logicalId}Role`, 'Arn'] },
          Timeout: 10,
          ...properties,
        },
      },
      [`${logicalId}Role`]: {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyName: 'MayDo', PolicyDocument: { Statement: mayDo } }] },
      },
      [`${logicalId}Permission`]: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: 'lambda:InvokeFunction', FunctionName: logicalId, Principal: 'apigateway.amazonaws.com' },
      },
      [`${logicalId}EventsPermission`]: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: 'lambda:InvokeFunction', FunctionName: logicalId, Principal: 'events.amazonaws.com' },
      },
    });
  }

  /** An HTTP API whose route `routeKey` is served by a function. */
  route(routeKey: string, logicalId: string, properties: Record<string, unknown> = {}): this {
    const id = routeKey.replaceAll(/\W/g, '');
    return this.add({
      HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: { Ref: 'HttpApi' }, StageName: '$default', AutoDeploy: true },
        ...this.#resources['Stage'],
      },
      [`${id}Integration`]: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: { Ref: 'HttpApi' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': [logicalId, 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      [`${id}Route`]: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'HttpApi' },
          RouteKey: routeKey,
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: `${id}Integration` }]] },
          ...properties,
        },
      },
    });
  }

  /** What a function recorded so far, in order. */
  recorded<T = unknown>(logicalId: string): T[] {
    const file = this.#recordFile(logicalId);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as T);
  }

  assembly(): Assembly {
    return {
      stackName: 'tiny',
      template: { Resources: this.#resources },
      bundleOf: (s3Key) => join(this.folder, s3Key),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #recordFile(logicalId: string): string {
    return join(this.folder, `${logicalId}.jsonl`);
  }
}
