import { expect, test } from 'vitest';
import { readTemplate, type TemplateSource } from '#local/template/template.ts';

const read = (Resources: TemplateSource['Resources'], more: Partial<TemplateSource> = {}) =>
  readTemplate({ Resources, ...more }, 'stack', 'http://127.0.0.1:4566');

const queue = (Properties: Record<string, unknown> = {}) => ({ Type: 'AWS::SQS::Queue', Properties });

test('a resource type that local/ does not run is refused with its name and what to do', () => {
  expect(() => read({ Machine: { Type: 'AWS::StepFunctions::StateMachine' } })).toThrow(
    'Machine (AWS::StepFunctions::StateMachine): local/ does not know this resource type. Handle it in local/ and add it to ' +
      'local/template/resources.ts, or list it there as meaningful on AWS only.',
  );
});

test('a property that local/ does not run is refused with its path', () => {
  expect(() => read({ Jobs: queue({ FifoQueue: true }) })).toThrow(
    /^Jobs \(AWS::SQS::Queue\): local\/ does not know the property FifoQueue\./,
  );
  expect(() =>
    read({ Jobs: queue({ RedrivePolicy: { deadLetterTargetArn: 'x', maxReceiveCount: 1, more: 2 } }) }),
  ).toThrow(/local\/ does not know the property RedrivePolicy\.more\./);
});

test('a value that local/ does not run is refused', () => {
  const table = {
    Type: 'AWS::DynamoDB::Table',
    Properties: { KeySchema: [], AttributeDefinitions: [], BillingMode: 'PROVISIONED' },
  };
  expect(() => read({ Tasks: table })).toThrow(
    'Tasks (AWS::DynamoDB::Table): local/ does not support the value "PROVISIONED" of the property BillingMode.',
  );
});

test('alarms and log groups need no support', () => {
  const template = read({ Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Anything: { goes: true } } } });
  expect(template.all('AWS::SQS::Queue')).toEqual([]);
});

test('a policy that local/ cannot enforce is refused', () => {
  const policy = (more: object) => {
    const Statement = [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*', ...more }];
    return { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'p', PolicyDocument: { Statement }, Roles: [] } };
  };
  expect(() => read({ Policy: policy({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }) })).toThrow(
    'local/ does not know the property PolicyDocument.Statement.0.Condition.IpAddress',
  );
  expect(() => read({ Policy: policy({ NotAction: 'sqs:*' }) })).toThrow('PolicyDocument.Statement.0.NotAction');
  const managed = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] };
  expect(() => read({ Role: { Type: 'AWS::IAM::Role', Properties: managed } })).toThrow('ManagedPolicyArns');
});

test('conditions and unknown intrinsic functions are refused', () => {
  expect(() => read({ Jobs: { ...queue(), Condition: 'IsProd' } })).toThrow('local/ does not support conditions');
  expect(() => read({ Jobs: queue({ QueueName: { 'Fn::ImportValue': 'x' } }) })).toThrow(
    'The template uses Fn::ImportValue, which local/ does not support',
  );
});

test('intrinsic functions are evaluated, also when nested', () => {
  const template = read(
    {
      Jobs: queue({
        QueueName: { 'Fn::Join': ['-', ['jobs', { 'Fn::Select': ['1', { 'Fn::Split': ['.', 'a.b.c'] }] }]] },
        DelaySeconds: { Ref: 'AWS::NoValue' },
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
      }),
      Dead: queue(),
    },
    {
      Parameters: { Suffix: { Default: 'x' } },
      Outputs: {
        Url: { Value: { Ref: 'Jobs' } },
        Text: { Value: { 'Fn::Sub': '${AWS::Region}/${Jobs.QueueName}/${Suffix}/${!Literal}' } },
        Named: { Value: { 'Fn::Sub': ['${a}-${Dead.Arn}', { a: { Ref: 'AWS::StackName' } }] } },
      },
    },
  );
  const [jobs] = template.all('AWS::SQS::Queue');
  expect(jobs?.properties).toEqual({
    QueueName: 'jobs-b',
    RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:stack-Dead', maxReceiveCount: 3 },
  });
  expect(template.outputs).toEqual({
    Url: 'http://127.0.0.1:4566/000000000000/jobs-b',
    Text: 'us-east-1/jobs-b/x/${Literal}',
    Named: 'stack-arn:aws:sqs:us-east-1:000000000000:stack-Dead',
  });
});

test('a reference to nothing, or to an unsupported attribute, is refused', () => {
  expect(() => read({ Jobs: queue({ QueueName: { Ref: 'Nowhere' } }) })).toThrow(
    'The template refers to Nowhere, which it does not define',
  );
  expect(() => read({ Jobs: queue(), Other: queue({ QueueName: { 'Fn::GetAtt': ['Jobs', 'Color'] } }) })).toThrow(
    'the attribute Color of Jobs (AWS::SQS::Queue), which local/ does not provide',
  );
});
