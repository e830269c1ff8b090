/** The SDK's reference, which TypeDoc generates from its docstrings. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { writeSdkReference } from '#scripts/docs-sdk.ts';
import { missingTool } from './runtimes.ts';

test('every export is documented, and every link resolves', { timeout: 240_000 }, ({ skip }) => {
  const why = missingTool('typedoc');
  if (why !== undefined) skip(why);
  expect(writeSdkReference()).toEqual([]);
  expect(existsSync('build/docs/sdk/index.html')).toBe(true);
  expect(readFileSync('build/docs/sdk/classes/index.MusterClient.html', 'utf8')).toContain('waitFor');
});
