import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { bundlePath } from '#infra/bundle-path.ts';
import { bundleFunctions, functionNames } from '#scripts/bundle.ts';
import { env } from '#shared/env.ts';

/**
 * Imports bundles one after another and prints how many schemas each has built by then: zod gives every schema a
 * `_zod`.
 */
const counting = `
  let built = 0;
  const { defineProperty } = Object;
  Object.defineProperty = (target, key, property) => {
    if (key === '_zod') built += 1;
    return defineProperty(target, key, property);
  };
  const counts = {};
  for (const [name, url] of JSON.parse(process.argv[1])) {
    const before = built;
    await import(url);
    counts[name] = built - before;
  }
  console.log(JSON.stringify(counts));`;

test('no function builds a contract schema at start', async () => {
  await bundleFunctions();
  const urls = functionNames.map((name) => [name, pathToFileURL(path.join(bundlePath(name), 'index.mjs')).href]);
  const named = [
    env.tasksTable,
    env.agentsTable,
    env.readyQueueUrl,
    env.releaseQueueUrl,
    env.deadLetterQueueUrl,
    env.busName,
  ];
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', counting, JSON.stringify(urls)], {
    encoding: 'utf8',
    env: { AWS_REGION: 'us-east-1', ...Object.fromEntries(named.map((name) => [name, 'x'])) },
  });
  const { mcp = 0, ...others } = JSON.parse(printed) as Record<string, number>;
  expect(others).toEqual(Object.fromEntries(Object.keys(others).map((name) => [name, 0])));
  // Those that the MCP server itself uses. It has 800 more, and the contract has 900.
  expect(mcp).toBeLessThan(300);
});
