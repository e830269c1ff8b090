import { beforeAll, expect, test } from 'vitest';
import { synthesize, type Synthesized } from './synthesize.ts';

let dev: Synthesized;
let unprotected: Synthesized;
beforeAll(async () => {
  dev = await synthesize('dev');
  unprotected = await synthesize('qa', { protect: 'false' });
});

test('each stage is its own stack', () => {
  expect(dev.stack.stackName).toBe('Muster-dev');
  expect(unprotected.stack.stackName).toBe('Muster-qa');
});

test.each(['dev', 'prod'])(
  'stage %s is protected from deletion, keeps its tables and can be restored',
  async (stage) => {
    const made = await synthesize(stage);
    expect(made.stack.terminationProtection).toBe(true);
    for (const table of tablesOf(made)) expect(table).toMatchObject(protection(true, 'Retain'));
  },
);

test('a stage can opt in to be deleted with everything in it', () => {
  expect(unprotected.stack.terminationProtection).toBe(false);
  for (const table of tablesOf(unprotected)) expect(table).toMatchObject(protection(false, 'Delete'));
});

function protection(isOn: boolean, DeletionPolicy: string) {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: isOn };
  return { DeletionPolicy, Properties: { DeletionProtectionEnabled: isOn, PointInTimeRecoverySpecification } };
}

function tablesOf({ resources }: Synthesized) {
  const tables = Object.values(resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
  expect(tables).toHaveLength(2);
  return tables;
}

test('billed resources have the tags project and stage', () => {
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
