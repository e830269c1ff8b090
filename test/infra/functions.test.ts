import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundlePath } from '#infra/bundle-path.ts';
import { functionNames, type FunctionName } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';
import { allOf, functionNamed, serviceOf, synthesize, type Synthesized } from './synthesize.ts';

let muster: Synthesized;
beforeAll(async () => {
  muster = await synthesize('dev', { logRetentionDays: '14' });
});

function environmentOf(name: FunctionName): Record<string, string> {
  return (functionNamed(muster, name).Environment as { Variables: Record<string, string> }).Variables;
}

test('exactly the bundled functions are deployed', () => {
  const deployed = Object.values(allOf(muster, 'AWS::Lambda::Function')).map(serviceOf);
  expect(deployed.sort()).toEqual([...functionNames].sort());
});

describe.each(functionNames)('%s', (name) => {
  test('runs on arm64 and Node 24', () => {
    const expected = { Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' };
    expect(functionNamed(muster, name)).toMatchObject(expected);
  });

  test('logs to its own group, with the configured retention', () => {
    const { LogGroup } = functionNamed(muster, name).LoggingConfig as { LogGroup: string };
    const others = functionNames.filter((other) => other !== name).map((other) => functionNamed(muster, other));
    expect(others.map(({ LoggingConfig }) => LoggingConfig)).not.toContainEqual({ LogGroup });
    expect(allOf(muster, 'AWS::Logs::LogGroup')[LogGroup]).toMatchObject({ RetentionInDays: 14 });
  });

  test("logs its own lines, without AWS's lines per call, which would cost more than the calls", () => {
    const { LoggingConfig } = functionNamed(muster, name);
    expect(LoggingConfig).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
  });

  test('gets every environment variable that its code requires', async () => {
    expect(Object.keys(environmentOf(name))).toEqual(expect.arrayContaining(await variablesRequiredBy(name)));
  });

  test('loads without node_modules, in the environment it is given', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'muster-bundle-'));
    try {
      cpSync(bundlePath(name), folder, { recursive: true });
      const script = "import('./index.mjs').then((module) => console.log(typeof module.handler))";
      const environment = { ...environmentOf(name), AWS_REGION: 'us-east-1' };
      const answer = execFileSync(process.execPath, ['-e', script], {
        cwd: folder,
        env: environment,
        encoding: 'utf8',
      });
      expect(answer.trim()).toBe('function');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('every function that works on tasks gets the configured durations', async () => {
  const settings = { leaseSeconds: '77', startWithinSeconds: '66', staleAfterSeconds: '88', retentionDays: '5' };
  const others = { maxPollMilliseconds: '1500', highAllowanceSeconds: '1', lowAllowanceSeconds: '9' };
  const changed = await synthesize('dev', { ...settings, ...others });
  for (const name of functionNames) {
    if (name === 'authorize' || name === 'dashboard' || name === 'count-changes') continue;
    expect(functionNamed(changed, name).Environment).toMatchObject({
      Variables: {
        [env.leaseSeconds]: '77',
        [env.startWithinSeconds]: '66',
        [env.staleAfterSeconds]: '88',
        [env.maxPoll]: '1500',
        [env.retentionDays]: '5',
        [env.priorityAllowances]: '{"high":1,"medium":3600,"low":9}',
      },
    });
  }
});

/** Tree-shakes a function's code and searches it for `required(environment, env.<name>)`. */
async function variablesRequiredBy(name: string): Promise<string[]> {
  const { outputFiles } = await build({
    absWorkingDir: path.resolve(import.meta.dirname, '../..'),
    entryPoints: [`functions/${name}.ts`],
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    write: false,
  });
  const code = outputFiles[0]?.text ?? '';
  return Object.entries(env)
    .filter(([key]) => new RegExp(`\\brequired\\d*\\([^()]*\\benv\\d*\\.${key}\\b`).test(code))
    .map(([, variable]) => variable);
}
