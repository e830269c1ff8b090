/** The construct as users install it: in their own app with their own aws-cdk-lib. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { transform } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundlePath } from '#infra/bundle-path.ts';
import { functionNames } from '#scripts/bundle.ts';
import { strayFiles } from '#scripts/packages/pack.ts';
import { recipes } from '#scripts/packages.ts';
import { installed } from './install.ts';

const tsc = path.resolve('node_modules/typescript/bin/tsc');
const readme = readFileSync(path.resolve('packages/cdk/README.md'), 'utf8');
const [, app = ''] = /<!-- app -->\n\n```ts\n(.*?)```/s.exec(readme) ?? [];
const [, authorizer = ''] = /<!-- authorizer -->\n\n```ts\n(.*?)```/s.exec(readme) ?? [];

interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}
type Resources = Record<string, Resource>;

let consumer: Awaited<ReturnType<typeof installed>>;
beforeAll(async () => {
  consumer = await installed('cdk', { peers: ['aws-cdk-lib', 'constructs', '@types/node'] });
}, 120_000);

/**
 * Runs the compiled app of the README.
 * @returns the resources of its stack
 */
async function synthesized(file: string): Promise<Resources> {
  const folder = path.join(consumer.folder, `${file}.out`);
  await consumer.run(process.execPath, [file], { CDK_OUTDIR: folder, CDK_VALIDATION: 'false' });
  const template = readFileSync(path.join(folder, 'Agents.template.json'), 'utf8');
  return (JSON.parse(template) as { Resources: Resources }).Resources;
}

/**
 * As an ES module, with the package's declarations next to it as sources. So tsc checks them too, as without
 * skipLibCheck, but not the million lines of aws-cdk-lib, which take half a minute.
 */
async function fromModule(): Promise<Resources> {
  consumer.write('app.mts', app);
  consumer.write('authorizer.mts', authorizer);
  const declarations = consumer.files.map((file) => file.path).filter((file) => file.endsWith('.d.ts'));
  expect(declarations).toContain('lib/muster.d.ts');
  for (const file of declarations)
    consumer.write(path.basename(file).replace('.d', ''), readFileSync(path.join(consumer.home, file), 'utf8'));
  const options = ['--strict', '--skipLibCheck', '--types', 'node', '--module', 'nodenext', '--target', 'es2022'];
  const checked = consumer.run(process.execPath, [tsc, ...options, 'app.mts', 'authorizer.mts', 'index.ts']);
  expect(await checked.catch((error: unknown) => (error as { stdout: string }).stdout)).toBe('');
  return synthesized('app.mjs');
}

/** As CommonJS. */
async function fromCommonJs(): Promise<Resources> {
  const { code } = await transform(app, { loader: 'ts', format: 'cjs' });
  consumer.write('app.cjs', code);
  return synthesized('app.cjs');
}

describe('the app of the README', () => {
  let resources: Resources;
  const of = (type: string, prefix = '') =>
    Object.entries(resources)
      .filter(([id, { Type }]) => Type === type && id.startsWith(prefix))
      .map(([id, { Properties = {} }]) => [id, { Properties }] as const);
  beforeAll(async () => {
    const [module, commonJs] = await Promise.all([fromModule(), fromCommonJs()]);
    expect(module).toEqual(commonJs);
    resources = module;
  }, 300_000);

  test('has two Musters with all of their resources, each with its own, and without shared names', () => {
    const typesOf = (prefix: string, but = /^$/) =>
      Object.entries(resources)
        .filter(([id]) => id.startsWith(prefix) && !but.test(id))
        .map(([, { Type }]) => Type)
        .sort();
    // Without what the app adds to the first one.
    expect(typesOf('Muster', /OnTask/)).toEqual(typesOf('Experiments'));
    expect(of('AWS::Lambda::Function', 'Experiments')).toHaveLength(functionNames.length);
    const names = Object.values(resources).flatMap(({ Type, Properties = {} }) =>
      ['Name', 'LogGroupName', 'TableName', 'QueueName', 'FunctionName', 'DashboardName', 'AlarmName']
        .map((property) => Properties[property])
        .filter((name) => typeof name === 'string' && !/Authorizer/.test(name))
        .map((name) => `${Type} ${name as string}`),
    );
    expect(names.length).toBeGreaterThanOrEqual(6);
    expect(names).toEqual([...new Set(names)]);
  });

  test('uses the given key for the tables of the Muster it was given to', () => {
    const key = { 'Fn::GetAtt': [of('AWS::KMS::Key')[0]?.[0], 'Arn'] };
    const sse = (prefix: string) =>
      of('AWS::DynamoDB::Table', prefix).map(([, { Properties }]) => Properties['SSESpecification']);
    expect(sse('Muster')).toEqual(Array(2).fill({ SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key }));
    expect(sse('Experiments')).toEqual([undefined, undefined]);
  });

  test('notifies the given topic of every alarm and of failed tasks', () => {
    const topic = { Ref: of('AWS::SNS::Topic')[0]?.[0] };
    const alarms = of('AWS::CloudWatch::Alarm', 'Muster');
    expect(alarms.length).toBeGreaterThan(20);
    for (const [, { Properties }] of alarms) expect(Properties['AlarmActions']).toEqual([topic]);
    const [[, rule] = []] = of('AWS::Events::Rule', 'MusterOnTask');
    expect(rule?.Properties).toMatchObject({
      EventPattern: { source: ['muster.tasks'], 'detail-type': ['Task Failed'] },
      Targets: [{ Arn: topic }],
    });
    const [[, slow] = []] = of('AWS::CloudWatch::Alarm', 'SlowPickUp');
    expect(slow?.Properties).toMatchObject({ Namespace: 'Muster/Agents/Muster', MetricName: 'OldestReady' });
  });

  test('applies the settings, and allows pages of the origin', () => {
    const variables = (prefix: string) => JSON.stringify(of('AWS::Lambda::Function', prefix));
    expect(variables('Muster')).toContain('"MUSTER_LEASE_SECONDS":"600"');
    expect(variables('Experiments')).toContain('"MUSTER_LEASE_SECONDS":"300"');
    const apis = of('AWS::ApiGatewayV2::Api').map(([, { Properties }]) => Properties['CorsConfiguration']);
    expect(apis).toEqual([expect.objectContaining({ AllowOrigins: ['https://app.example.com'] }), undefined]);
    for (const [, { Properties }] of of('AWS::Logs::LogGroup', 'Muster'))
      expect(Properties['RetentionInDays']).toBe(90);
  });
});

test('it has the bundles of this build, no stray files and no dependencies', () => {
  for (const name of functionNames) {
    const files = readdirSync(bundlePath(name));
    expect(readdirSync(path.join(consumer.home, 'build', name)).sort()).toEqual(files.sort());
    for (const file of files) {
      const packed = readFileSync(path.join(consumer.home, 'build', name, file));
      expect(packed.equals(readFileSync(path.join(bundlePath(name), file)))).toBe(true);
    }
  }
  expect(strayFiles(consumer.home, consumer.files, recipes.cdk.files)).toEqual([]);
  expect(consumer.manifest).not.toHaveProperty('dependencies');
});

test('its command says how to create the first key', async () => {
  const asked = consumer.run(path.join(consumer.folder, 'node_modules/.bin/muster-key'), ['--role', 'root']);
  await expect(asked).rejects.toThrow(
    /--role: must be one of admin, producer, agent, viewer, not "root"\n\nCreates an API key .*\n\n {2}npx muster-key --table/,
  );
});
