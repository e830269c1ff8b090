import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readBelow } from '#examples/typescript/files.ts';
import { sourceFiles } from '#examples/quickstart/agents/sources.ts';

let outside: string;
let root: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'muster-files-'));
  onTestFinished(() => rmSync(outside, { recursive: true }));
  root = join(outside, 'root');
  mkdirSync(join(root, 'inside'), { recursive: true });
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(root, 'inside', 'text'), 'héllo');
});

test('a file below the folder can be read by any path to it', () => {
  symlinkSync('text', join(root, 'inside', 'link'));
  for (const name of ['inside/text', './inside/../inside/text', 'inside/link', join(root, 'inside', 'text')]) {
    expect(readBelow(root, name)).toBe('héllo');
  }
});

test('files outside the folder cannot be read by any path', () => {
  symlinkSync(join(outside, 'secret'), join(root, 'link'));
  symlinkSync(outside, join(root, 'up'));
  for (const name of ['link', 'up/secret', '../secret', 'inside/../../secret', join(outside, 'secret'), '..']) {
    expect(() => readBelow(root, name), name).toThrow(`${name} is not below`);
  }
});

test('folders and pipes are refused', () => {
  expect(spawnSync('mkfifo', [join(root, 'pipe')]).status).toBe(0);
  for (const name of ['inside', 'pipe', '.']) expect(() => readBelow(root, name)).toThrow('is not a regular file');
});

test('a file that is too large is refused', () => {
  expect(readBelow(root, 'inside/text', 6)).toBe('héllo');
  expect(() => readBelow(root, 'inside/text', 5)).toThrow('inside/text is larger than 5 bytes');
});

test.each(['../zod', 'zod/../../test', '.', '@scope', '/etc', 'zod/'])('%j is refused as a package name', (name) => {
  expect(() => sourceFiles(name, '*')).toThrow('is not the name of a package');
});
