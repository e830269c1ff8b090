import { beforeAll, expect, test } from 'vitest';
import { synthesize, type Synthesized } from './synthesize.ts';

let dev: Synthesized;
let prod: Synthesized;
beforeAll(async () => {
  dev = await synthesize('dev');
  prod = await synthesize('prod');
});

test('each stage is a stack of its own', () => {
  expect(dev.stack.stackName).toBe('Muster-dev');
  expect(prod.stack.stackName).toBe('Muster-prod');
});

test('stage prod is protected from deletion and keeps its tables', () => {
  expect(prod.stack.terminationProtection).toBe(true);
  for (const table of tablesOf(prod)) {
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', Properties: { DeletionProtectionEnabled: true } });
  }
});

test('any other stage can be deleted with everything in it', () => {
  expect(dev.stack.terminationProtection).toBe(false);
  for (const table of tablesOf(dev)) {
    expect(table).toMatchObject({ DeletionPolicy: 'Delete', Properties: { DeletionProtectionEnabled: false } });
  }
});

function tablesOf({ resources }: Synthesized) {
  const tables = Object.values(resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
  expect(tables).toHaveLength(2);
  return tables;
}

test('what costs money carries the tags project and stage', () => {
  const billed = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup'];
  for (const { Type, Properties } of Object.values(dev.resources)) {
    if (!billed.includes(Type)) continue;
    expect(Properties.Tags).toContainEqual({ Key: 'project', Value: 'muster' });
    expect(Properties.Tags).toContainEqual({ Key: 'stage', Value: 'dev' });
  }
});

test('the template needs no custom resources', () => {
  const types = Object.values(dev.resources).map(({ Type }) => Type);
  expect(types.filter((type) => !type.startsWith('AWS::') || type.endsWith('CustomResource'))).toEqual([]);
});

test('what people look up after a deployment is an output', () => {
  expect(dev.outputs).toMatchObject({
    ApiUrl: { Value: 'ApiHttp' },
    Region: { Value: 'AWS::Region' },
    TasksTable: { Value: 'StorageTasks' },
    AgentsTable: { Value: 'StorageAgents' },
    BusName: { Value: 'EventsBus' },
    DashboardName: { Value: 'MonitoringDashboard' },
    ReadyQueueUrl: { Value: 'DispatchReadyQueue' },
  });
});
