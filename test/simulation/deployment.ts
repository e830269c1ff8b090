import { join, resolve } from 'node:path';
import { compilePattern, type Matches } from '#local/bus/pattern.ts';
import { assemble } from '#local/template/assembly.ts';
import { readTemplate, type Resource, type Template } from '#local/template/template.ts';
import type { TableDefinition } from './dynamodb/table.ts';

const root = resolve(import.meta.dirname, '../..');

export interface FunctionDefinition {
  /** The source file of its handler. */
  entry: string;
  environment: Record<string, string>;
  timeoutMs: number;
  /** How often an asynchronous event is retried, and the queue that gets it afterward. */
  retries: number;
  failuresUrl: string | undefined;
}

export interface QueueDefinition {
  url: string;
  visibilityMs: number;
  maxReceives: number;
  deadLetterUrl: string | undefined;
}

/** What the simulation takes from the template: functions, and what invokes them. */
export interface Deployment {
  functions: ReadonlyMap<string, FunctionDefinition>;
  tables: TableDefinition[];
  queues: QueueDefinition[];
  queueMappings: { queueUrl: string; functionName: string; batchSize: number; concurrency: number }[];
  streamMappings: {
    table: string;
    functionName: string;
    matches: Matches;
    batchSize: number;
    windowMs: number;
    /** How long a batch collects records. */
    batchingMs: number;
    bisects: boolean;
  }[];
  rules: { matches: Matches; functionName: string }[];
  schedules: { everyMs: number; functionName: string }[];
}

/** Reads the system from the template, so that the simulation needs no description of its own. */
export async function deployment(settings: Record<string, string> = {}): Promise<Deployment> {
  const { template: source, stackName } = await assemble(settings);
  const template = readTemplate(source, stackName, 'http://simulation');
  const nameOf = (reference: string) =>
    shortName(template.get('AWS::Lambda::Function', reference, 'The simulation').properties);
  return {
    functions: new Map(
      template.all('AWS::Lambda::Function').map((one) => [shortName(one.properties), functionOf(template, one)]),
    ),
    tables: template.all('AWS::DynamoDB::Table').map(tableOf),
    queues: template.all('AWS::SQS::Queue').map((queue) => queueOf(template, queue)),
    ...mappingsOf(template, nameOf),
    ...rulesOf(template, nameOf),
  };
}

/** The same with additional environment variables for each function, which the template does not set. */
export function withEnvironment(deployment: Deployment, variables: Record<string, string>): Deployment {
  const functions = [...deployment.functions].map(([name, definition]) => {
    const environment = { ...definition.environment, ...variables };
    return [name, { ...definition, environment }] as const;
  });
  return { ...deployment, functions: new Map(functions) };
}

/** A function is named after its entry file. */
const shortName = ({ Environment }: { Environment?: { Variables?: Record<string, string> | undefined } | undefined }) =>
  Environment?.Variables?.['POWERTOOLS_SERVICE_NAME'] ?? '';

function functionOf(template: Template, { ref, properties }: Resource<'AWS::Lambda::Function'>): FunctionDefinition {
  const configs = template.all('AWS::Lambda::EventInvokeConfig').map((one) => one.properties);
  const config = configs.find(({ FunctionName }) => FunctionName === ref);
  const destination = config?.DestinationConfig?.OnFailure?.Destination;
  return {
    entry: join(root, 'functions', `${shortName(properties)}.ts`),
    environment: properties.Environment?.Variables ?? {},
    timeoutMs: properties.Timeout * 1000,
    retries: config?.MaximumRetryAttempts ?? 2,
    failuresUrl: destination === undefined ? undefined : template.get('AWS::SQS::Queue', destination, ref).ref,
  };
}

function tableOf({ ref, properties }: Resource<'AWS::DynamoDB::Table'>): TableDefinition {
  const keys = (schema: { AttributeName: string }[]) => {
    const [partition, sort] = schema.map(({ AttributeName }) => AttributeName);
    return { partition: partition ?? '', sort };
  };
  const indexes = properties.GlobalSecondaryIndexes ?? [];
  return {
    name: ref,
    key: keys(properties.KeySchema),
    indexes: indexes.map(({ IndexName, KeySchema }) => ({ name: IndexName, ...keys(KeySchema) })),
  };
}

function queueOf(template: Template, { ref, properties }: Resource<'AWS::SQS::Queue'>): QueueDefinition {
  const { RedrivePolicy: redrive, VisibilityTimeout = 30 } = properties;
  return {
    url: ref,
    visibilityMs: VisibilityTimeout * 1000,
    maxReceives: redrive?.maxReceiveCount ?? Infinity,
    deadLetterUrl: redrive && template.get('AWS::SQS::Queue', redrive.deadLetterTargetArn, ref).ref,
  };
}

function mappingsOf(
  template: Template,
  nameOf: (reference: string) => string,
): Pick<Deployment, 'queueMappings' | 'streamMappings'> {
  const mappings = template.all('AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);
  return {
    queueMappings: mappings.flatMap(({ EventSourceArn, FunctionName, BatchSize = 10, ScalingConfig }) => {
      const queue = template.find('AWS::SQS::Queue', EventSourceArn);
      const concurrency = ScalingConfig?.MaximumConcurrency ?? 10;
      return queue
        ? [{ queueUrl: queue.ref, functionName: nameOf(FunctionName), batchSize: BatchSize, concurrency }]
        : [];
    }),
    streamMappings: mappings.flatMap((mapping) => {
      const table = template.find('AWS::DynamoDB::Table', mapping.EventSourceArn);
      const filters = (mapping.FilterCriteria?.Filters ?? []).map(({ Pattern }) => compilePattern(JSON.parse(Pattern)));
      return table
        ? [
            {
              table: table.ref,
              functionName: nameOf(mapping.FunctionName),
              matches: (record: unknown) => filters.length === 0 || filters.some((matches) => matches(record)),
              batchSize: mapping.BatchSize ?? 100,
              windowMs: mapping.TumblingWindowInSeconds * 1000,
              batchingMs: mapping.MaximumBatchingWindowInSeconds * 1000,
              bisects: mapping.BisectBatchOnFunctionError,
            },
          ]
        : [];
    }),
  };
}

function rulesOf(template: Template, nameOf: (reference: string) => string): Pick<Deployment, 'rules' | 'schedules'> {
  const rules = template.all('AWS::Events::Rule').map(({ properties }) => properties);
  return {
    rules: rules.flatMap(({ EventPattern, Targets }) => {
      const matches = EventPattern && compilePattern(EventPattern);
      return matches ? Targets.map(({ Arn }) => ({ matches, functionName: nameOf(Arn) })) : [];
    }),
    schedules: rules.flatMap(({ ScheduleExpression, Targets }) =>
      ScheduleExpression === undefined
        ? []
        : Targets.map(({ Arn }) => ({ everyMs: periodOf(ScheduleExpression), functionName: nameOf(Arn) })),
    ),
  };
}

function periodOf(expression: string): number {
  const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(expression) ?? [];
  if (minutes === undefined) throw new Error(`The simulation does not know the schedule ${expression}.`);
  return Number(minutes) * 60_000;
}
