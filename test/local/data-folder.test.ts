import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '#local/data/data-folder.ts';

test('only one at a time has a data folder open', () => {
  const path = newPath();
  const first = openDataFolder(path, '1');
  expect(() => openDataFolder(path, '1')).toThrow(
    `The data folder ${path} is in use by process ${process.pid}. Stop that Muster first, or choose another folder`,
  );
  first.close();
  openDataFolder(path, '1').close();
});

test('a data folder of another version is refused, and can still be opened by its own', () => {
  const path = newPath();
  openDataFolder(path, '1').close();
  expect(() => openDataFolder(path, '2')).toThrow(
    `The data folder ${path} was created by a different version of Muster (its format is 1, this version reads 2).`,
  );
  openDataFolder(path, '1').close();
});

test('a process that was killed while it made the folder does not spoil it', () => {
  const path = newPath();
  openDataFolder(path, '1').close();
  writeFileSync(join(path, 'version'), '');
  openDataFolder(path, '1').close();
  expect(() => openDataFolder(path, '2')).toThrow('different version');
});

test('a file in place of the folder is refused with what to do', () => {
  const path = newPath();
  writeFileSync(path, '');
  expect(() => openDataFolder(path, '1')).toThrow(`${path} is a file. Choose a data folder`);
});

function newPath(): string {
  const parent = mkdtempSync(join(tmpdir(), 'muster-folder-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return join(parent, 'data');
}
