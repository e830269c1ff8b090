import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { beforeAll, describe, expect, test } from 'vitest';
import { Muster } from '#infra/muster.ts';
import type { TaskEvent } from '#infra/names.ts';
import type { MusterProps } from '#infra/props.ts';
import { bundleFunctions, functionNames } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';

beforeAll(async () => {
  await bundleFunctions();
  process.env.CDK_VALIDATION = 'false';
});

/** A stack in someone else's app, without our context and flags. */
const theirStack = () => new Stack(new App({ analyticsReporting: false }), 'Theirs');

/** Synthesizes Musters in such a stack. */
function synthesized(...all: { id: string; props?: MusterProps }[]) {
  const stack = theirStack();
  const musters = all.map(({ id, props }) => new Muster(stack, id, props));
  const template = Template.fromStack(stack);
  const logicalIdOf = (reference: unknown) => (stack.resolve(reference) as { Ref: string }).Ref;
  return { stack, musters, template, logicalIdOf };
}

/** Synthesizes one Muster in such a stack, with props that refer to existing resources. */
function withTheirs(propsIn: (stack: Stack) => MusterProps = () => ({})) {
  const stack = theirStack();
  const muster = new Muster(stack, 'Muster', propsIn(stack));
  return { stack, muster, synthesize: () => Template.fromStack(stack) };
}

type Found = Record<string, { Type: string; Properties: Record<string, unknown> }>;

describe('with no props, in an empty app', () => {
  let made: ReturnType<typeof synthesized>;
  beforeAll(() => void (made = synthesized({ id: 'Muster' })));

  test('tables outlive the stack and are protected from deletion', () => {
    made.template.resourceCountIs('AWS::DynamoDB::Table', 2);
    made.template.allResources('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({ DeletionProtectionEnabled: true }),
    });
  });

  test('functions get the defaults', () => {
    const Variables = { [env.leaseSeconds]: '300', [env.startWithinSeconds]: '120', [env.retentionDays]: '30' };
    made.template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables } });
  });

  test('alarms notify nobody, and the stack has no outputs', () => {
    made.template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent() });
    expect(made.template.findOutputs('*')).toEqual({});
  });

  test('what others build on is public', () => {
    const [muster] = made.musters;
    const found = made.template.toJSON() as { Resources: Found };
    const typeOf = (reference: unknown) => found.Resources[made.logicalIdOf(reference)]?.Type;
    expect(typeOf(muster?.tasksTable.tableName)).toBe('AWS::DynamoDB::Table');
    expect(typeOf(muster?.agentsTable.tableName)).toBe('AWS::DynamoDB::Table');
    expect(typeOf(muster?.bus.eventBusName)).toBe('AWS::Events::EventBus');
    expect(typeOf(muster?.api.apiId)).toBe('AWS::ApiGatewayV2::Api');
    expect(typeOf(muster?.dashboard.dashboardName)).toBe('AWS::CloudWatch::Dashboard');
    for (const name of ['readyQueue', 'readyDeadLetters', 'changesDeadLetters', 'releaseDeadLetters'] as const)
      expect(typeOf(muster?.[name].queueUrl)).toBe('AWS::SQS::Queue');
  });
});

test('tables can be made deletable', () => {
  const { template } = synthesized({ id: 'Muster', props: { removalPolicy: RemovalPolicy.DESTROY } });
  template.allResources('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Delete',
    Properties: Match.objectLike({ DeletionProtectionEnabled: false }),
  });
});

test('a prop out of range is refused', () => {
  const withProps = (props: MusterProps) => () => synthesized({ id: 'Muster', props });
  expect(withProps({ lease: Duration.seconds(5) })).toThrow('lease must be 10 to 86400 seconds, not 5 seconds');
  expect(withProps({ throttleRate: 0 })).toThrow('throttleRate must be 1 to 10000, not 0');
  expect(withProps({ corsOrigins: ['https://app.example.com/'] })).toThrow(
    'corsOrigins must look like https://app.example.com, not "https://app.example.com/"',
  );
});

describe('two in one stack', () => {
  let made: ReturnType<typeof synthesized>;
  let resources: Found;
  beforeAll(() => {
    made = synthesized({ id: 'Blue', props: { lease: Duration.minutes(1) } }, { id: 'Green' });
    resources = (made.template.toJSON() as { Resources: Found }).Resources;
  });

  test('each has all of its resources', () => {
    const of = (id: string) =>
      Object.entries(resources)
        .filter(([logicalId]) => logicalId.startsWith(id))
        .map(([, { Type }]) => Type)
        .sort();
    expect(of('Blue')).toEqual(of('Green'));
    expect(of('Blue').length + of('Green').length).toBe(Object.keys(resources).length);
  });

  test("neither refers to the other's resources", () => {
    for (const [logicalId, resource] of Object.entries(resources)) {
      const other = logicalId.startsWith('Blue') ? 'Green' : 'Blue';
      const references = [...JSON.stringify(resource).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].map(([, id]) => id);
      expect(references.filter((id) => id?.startsWith(other))).toEqual([]);
    }
  });

  test('each has its own metrics namespace', () => {
    const namespaces = made.musters.map((muster) => muster.metricRefusals('task_not_found').namespace);
    expect(namespaces).toEqual(['Muster/Theirs/Blue', 'Muster/Theirs/Green']);
  });
});

test('nothing has a name that could already be taken', () => {
  const { template } = synthesized({ id: 'Blue' }, { id: 'Green' });
  const { Resources } = template.toJSON() as { Resources: Found };
  const names = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Object.entries(Properties)
      .filter(([property, value]) => /Name$/.test(property) && typeof value === 'string')
      .map(([property, name]) => ({ property: `${Type} ${property}`, name })),
  );
  const harmless = [
    // Only shown to people; need not be unique.
    'AWS::ApiGatewayV2::Api Name',
    'AWS::ApiGatewayV2::Authorizer Name',
    'AWS::Logs::QueryDefinition Name',
    // Unique within their API, role or namespace.
    'AWS::ApiGatewayV2::Stage StageName',
    'AWS::IAM::Policy PolicyName',
    'AWS::CloudWatch::Alarm MetricName',
  ];
  // CloudFormation does not generate names for buses; CDK derives one from the path.
  const busName = 'AWS::Events::EventBus Name';
  // API Gateway requires its logs below this path; stack and construct path make the rest.
  const logName = 'AWS::Logs::LogGroup LogGroupName';
  expect([...new Set(names.map(({ property }) => property))].sort()).toEqual([...harmless, busName, logName].sort());
  const logs = names.filter(({ property }) => property === logName).map(({ name }) => name);
  expect(logs).toEqual(['Blue', 'Green'].map((id) => `/aws/vendedlogs/apigateway/Theirs/${id}/Api`));
  const buses = names.filter(({ property }) => property === busName).map(({ name }) => name);
  expect(buses).toEqual([expect.stringMatching(/^TheirsBlue/), expect.stringMatching(/^TheirsGreen/)]);
});

test('a KMS key encrypts both tables, and every function that uses one may use it', () => {
  const template = withTheirs((stack) => ({ encryptionKey: new Key(stack, 'Key') })).synthesize();
  const [keyId = ''] = Object.keys(template.findResources('AWS::KMS::Key'));
  const arn = { 'Fn::GetAtt': [keyId, 'Arn'] };
  template.allResourcesProperties('AWS::DynamoDB::Table', {
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: arn },
  });
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((policy) => JSON.stringify(policy));
  const onTables = policies.filter((policy) => policy.includes('dynamodb:GetItem'));
  expect(onTables).toHaveLength(8);
  for (const policy of onTables) expect(policy).toContain(JSON.stringify(arn));
});

test('a domain gets an API mapping and its records, and is the address', () => {
  const { muster, synthesize } = withTheirs((stack) => ({
    domain: {
      domainName: 'muster.example.com',
      certificate: Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:eu-west-1:123456789012:certificate/c',
      ),
      hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' }),
    },
  }));
  expect(muster.url).toBe('https://muster.example.com');
  const template = synthesize();
  template.hasResourceProperties('AWS::ApiGatewayV2::DomainName', { DomainName: 'muster.example.com' });
  template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { Stage: '$default' });
  for (const Type of ['A', 'AAAA'])
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'muster.example.com.', Type });
});

test('a custom authorizer replaces ours, for HTTP and MCP', () => {
  const { synthesize } = withTheirs((stack) => ({
    authorizer: new Function(stack, 'SingleSignOn', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => ({ isAuthorized: false })'),
    }),
  }));
  const template = synthesize();
  const [theirs = ''] = Object.keys(
    template.findResources('AWS::Lambda::Function', {
      Properties: { Handler: 'index.handler', Code: { ZipFile: Match.anyValue() } },
    }),
  );
  const authorizers = Object.values(template.findResources('AWS::ApiGatewayV2::Authorizer'));
  expect(authorizers).toHaveLength(2);
  for (const authorizer of authorizers) expect(JSON.stringify(authorizer)).toContain(theirs);
  template.resourceCountIs('AWS::Lambda::Function', functionNames.length);
});

describe('task events', () => {
  test("go to a target, only from this Muster's bus", () => {
    const { stack, muster, synthesize } = withTheirs(() => ({ publicEvents: 'all' }));
    const topic = new Topic(stack, 'Topic');
    muster.onTask('failed', new SnsTopic(topic));
    muster.onTask('failed', new SnsTopic(topic));
    muster.onTask(['started', 'completed'], new SnsTopic(topic));
    const rules = Object.entries(synthesize().findResources('AWS::Events::Rule')).filter(([id]) =>
      id.startsWith('MusterOnTask'),
    );
    expect(rules.map(([, { Properties }]) => (Properties as Found[string]['Properties']).EventPattern)).toEqual([
      { source: ['muster.tasks'], 'detail-type': ['Task Failed'] },
      { source: ['muster.tasks'], 'detail-type': ['Task Failed'] },
      { source: ['muster.tasks'], 'detail-type': ['Task Started', 'Task Completed'] },
    ]);
    const bus = (stack.resolve(muster.bus.eventBusName) as { Ref: string }).Ref;
    for (const [, { Properties }] of rules)
      expect((Properties as Found[string]['Properties']).EventBusName).toEqual({ Ref: bus });
  });

  test('are refused if not published', () => {
    const refusal = (given: MusterProps, events: TaskEvent[]) => () => {
      const { stack, muster } = withTheirs(() => given);
      muster.onTask(events, new SnsTopic(new Topic(stack, 'Topic')));
    };
    expect(refusal({}, ['completed', 'ready'])).toThrow("Task Ready is not published. Set publicEvents: 'all'");
    const none = { publicEvents: 'none' } as const;
    expect(refusal(none, ['completed'])).toThrow("Task Completed is not published. Set publicEvents: 'ended'");
    const wrong = { publicEvents: 'some' as 'all' };
    expect(refusal(wrong, [])).toThrow('publicEvents must be none, ended, all, not "some"');
  });
});
