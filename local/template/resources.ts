/**
 * The CloudFormation resource types and properties that are supported locally. A schema lists what is handled; anything
 * else is rejected. `cloudOnly` marks what only has a meaning on AWS.
 */
import * as z from 'zod';

const cloudOnly = z.unknown().optional();
const attributes = z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }));
const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const projection = z.strictObject({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});

const table = z.strictObject({
  TableName: z.string().optional(),
  KeySchema: keySchema,
  AttributeDefinitions: attributes,
  GlobalSecondaryIndexes: z
    .array(z.strictObject({ IndexName: z.string(), KeySchema: keySchema, Projection: projection }))
    .optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  StreamSpecification: z
    .strictObject({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
  ContributorInsightsSpecification: cloudOnly,
  DeletionProtectionEnabled: cloudOnly,
  PointInTimeRecoverySpecification: cloudOnly,
  SSESpecification: cloudOnly,
  Tags: cloudOnly,
});

const queue = z.strictObject({
  QueueName: z.string().optional(),
  DelaySeconds: z.number().optional(),
  MaximumMessageSize: z.number().optional(),
  MessageRetentionPeriod: z.number().optional(),
  ReceiveMessageWaitTimeSeconds: z.number().optional(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
  VisibilityTimeout: z.number().optional(),
  KmsMasterKeyId: cloudOnly,
  SqsManagedSseEnabled: cloudOnly,
  Tags: cloudOnly,
});

const listed = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const leadingKeys = z.strictObject({ 'dynamodb:LeadingKeys': listed }).optional();

const policyDocument = z.strictObject({
  Version: cloudOnly,
  Statement: z.array(
    z.strictObject({
      Sid: cloudOnly,
      Effect: z.enum(['Allow', 'Deny']),
      Action: listed,
      Resource: listed,
      Condition: z
        .strictObject({ 'ForAllValues:StringEquals': leadingKeys, 'ForAllValues:StringLike': leadingKeys })
        .optional(),
    }),
  ),
});

const policy = z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument, Roles: z.array(z.string()) });

const role = z.strictObject({
  RoleName: z.string().optional(),
  Policies: z.array(policy.omit({ Roles: true })).default([]),
  AssumeRolePolicyDocument: cloudOnly,
  Description: cloudOnly,
  Tags: cloudOnly,
});

const lambdaFunction = z.strictObject({
  FunctionName: z.string().optional(),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string().regex(/^\w+\.\w+$/),
  Runtime: z.string().startsWith('nodejs'),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(['JSON', 'Text']).optional(),
      LogGroup: z.string().optional(),
      ApplicationLogLevel: z.string().optional(),
      SystemLogLevel: cloudOnly,
    })
    .optional(),
  MemorySize: z.number().default(128),
  Role: z.string(),
  Timeout: z.number().default(3),
  Architectures: cloudOnly,
  Description: cloudOnly,
  RecursiveLoop: cloudOnly,
  ReservedConcurrentExecutions: cloudOnly,
  Tags: cloudOnly,
  TracingConfig: cloudOnly,
});

const permission = z.strictObject({
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: cloudOnly,
});

const destination = z.strictObject({ Destination: z.string() });

const asynchronousInvocation = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  DestinationConfig: z.strictObject({ OnFailure: destination.optional() }).optional(),
  MaximumEventAgeInSeconds: z.number().default(21_600),
  MaximumRetryAttempts: z.number().default(2),
});

const eventSourceMapping = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().optional(),
  BisectBatchOnFunctionError: z.boolean().default(false),
  DestinationConfig: z.strictObject({ OnFailure: destination.optional() }).optional(),
  Enabled: z.literal(true).optional(),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  MaximumRecordAgeInSeconds: z.literal(-1).optional(),
  MaximumRetryAttempts: z.number().default(-1),
  ParallelizationFactor: z.literal(1).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.number() }).optional(),
  StartingPosition: z.literal('TRIM_HORIZON').optional(),
  TumblingWindowInSeconds: z.number().default(0),
  MetricsConfig: cloudOnly,
  Tags: cloudOnly,
});

const eventBus = z.strictObject({ Name: z.string(), Description: cloudOnly, Tags: cloudOnly });

const rule = z.strictObject({
  Name: z.string().optional(),
  EventBusName: z.string().optional(),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.literal('ENABLED').optional(),
  Targets: z.array(
    z.strictObject({
      Arn: z.string(),
      Id: z.string(),
      Input: z.string().optional(),
      // EventBridge retries and dead-letters what it cannot deliver to Lambda; locally it always can.
      DeadLetterConfig: cloudOnly,
      RetryPolicy: cloudOnly,
    }),
  ),
  Description: cloudOnly,
  Tags: cloudOnly,
});

const httpApi = z.strictObject({
  Name: z.string().optional(),
  ProtocolType: z.literal('HTTP'),
  CorsConfiguration: z
    .strictObject({
      AllowOrigins: z.array(z.string()),
      AllowMethods: z.array(z.string()).default([]),
      AllowHeaders: z.array(z.string()).default([]),
      ExposeHeaders: z.array(z.string()).default([]),
      MaxAge: z.number().optional(),
    })
    .optional(),
  Description: cloudOnly,
  Tags: cloudOnly,
});

const throttle = { ThrottlingBurstLimit: z.number().optional(), ThrottlingRateLimit: z.number().optional() };

const stage = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: z.literal(true),
  DefaultRouteSettings: z.strictObject({ ...throttle, DetailedMetricsEnabled: cloudOnly }).optional(),
  // Both limits are required: one that a route omits is not inherited from the stage.
  RouteSettings: z
    .record(z.string(), z.strictObject({ ThrottlingBurstLimit: z.number(), ThrottlingRateLimit: z.number() }))
    .default({}),
  AccessLogSettings: cloudOnly,
  Description: cloudOnly,
  Tags: cloudOnly,
});

const route = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['NONE', 'CUSTOM']).default('NONE'),
  AuthorizerId: z.string().optional(),
});

const integration = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.number().default(30_000),
  Description: cloudOnly,
});

const authorizer = z.strictObject({
  ApiId: z.string(),
  AuthorizerType: z.literal('REQUEST'),
  AuthorizerUri: z.string(),
  AuthorizerPayloadFormatVersion: z.literal('2.0'),
  AuthorizerResultTtlInSeconds: z.number().default(300),
  EnableSimpleResponses: z.literal(true),
  IdentitySource: z.array(z.string().startsWith('$request.header.')).default([]),
  Name: cloudOnly,
});

export const handled = {
  'AWS::ApiGatewayV2::Api': httpApi,
  'AWS::ApiGatewayV2::Authorizer': authorizer,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
  'AWS::DynamoDB::Table': table,
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::Rule': rule,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::Lambda::EventInvokeConfig': asynchronousInvocation,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::SQS::Queue': queue,
} as const;

export type HandledType = keyof typeof handled;
export type Properties<T extends HandledType> = z.infer<(typeof handled)[T]>;

/** Types without a local purpose. */
export const cloudOnlyTypes: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);
