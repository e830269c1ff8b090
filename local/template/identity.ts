import { account, arn, partition, region } from './aws.ts';

/** What other resources can refer to: the result of Ref, and the attributes for Fn::GetAtt. */
export interface Identity {
  ref: string;
  attributes: Record<string, string>;
}

export interface Naming {
  logicalId: string;
  /** `<stack>-<logical id>`, for resources without a name in the template. */
  generatedName: string;
  /** Base of the queue URLs: the address of the edge. */
  edgeUrl: string;
  /** A resolved property of the resource. */
  property: (name: string) => string | undefined;
}

const named = (name: string, resourceArn: string, more: Record<string, string> = {}): Identity => ({
  ref: name,
  attributes: { Arn: resourceArn, ...more },
});

const identities: Record<string, (naming: Naming) => Identity> = {
  'AWS::DynamoDB::Table': ({ generatedName, property }) => {
    const name = property('TableName') ?? generatedName;
    const tableArn = arn('dynamodb', `table/${name}`);
    return named(name, tableArn, { StreamArn: `${tableArn}/stream/local` });
  },
  'AWS::Events::EventBus': ({ property }) => {
    const name = property('Name') ?? 'default';
    return named(name, arn('events', `event-bus/${name}`), { Name: name });
  },
  'AWS::Events::Rule': ({ generatedName, property }) => {
    const name = property('Name') ?? generatedName;
    const bus = property('EventBusName');
    return named(name, arn('events', `rule/${bus ? `${bus}/` : ''}${name}`));
  },
  'AWS::IAM::Role': ({ generatedName, property }) => {
    const name = property('RoleName') ?? generatedName;
    return named(name, `arn:${partition}:iam::${account}:role/${name}`);
  },
  'AWS::Lambda::Function': ({ generatedName, property }) => {
    const name = property('FunctionName') ?? generatedName;
    return named(name, arn('lambda', `function:${name}`));
  },
  'AWS::Logs::LogGroup': ({ generatedName, property }) => {
    const name = property('LogGroupName') ?? generatedName;
    return named(name, arn('logs', `log-group:${name}:*`));
  },
  'AWS::SQS::Queue': ({ edgeUrl, generatedName, property }) => {
    const name = property('QueueName') ?? generatedName;
    const queueArn = arn('sqs', name);
    return { ref: `${edgeUrl}/${accountOf(queueArn)}/${name}`, attributes: { Arn: queueArn, QueueName: name } };
  },
  'AWS::ApiGatewayV2::Api': ({ logicalId }) => ({
    ref: logicalId,
    attributes: { ApiEndpoint: `https://${logicalId}.execute-api.${region}.amazonaws.com`, ApiId: logicalId },
  }),
  'AWS::ApiGatewayV2::Stage': ({ property }) => ({ ref: property('StageName') ?? '$default', attributes: {} }),
};

const accountOf = (resourceArn: string): string => resourceArn.split(':')[4] ?? '';

/** The identity of a resource; its logical id, if the type has no rules of its own. */
export function identify(type: string, naming: Naming): Identity {
  const [, service = ''] = type.split('::');
  const fallback = named(naming.logicalId, `arn:${partition}:${service.toLowerCase()}:::${naming.logicalId}`);
  return identities[type]?.(naming) ?? fallback;
}
