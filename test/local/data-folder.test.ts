import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '#local/data/data-folder.ts';
import { start } from '#local/start.ts';

test('a data folder can be open only once at a time', () => {
  const path = newPath();
  const first = openDataFolder(path, '1');
  expect(() => openDataFolder(path, '1')).toThrow(
    `The data folder ${path} is in use by process ${process.pid}. Stop that Muster first, or choose another folder`,
  );
  first.close();
  openDataFolder(path, '1').close();
});

test('a data folder of another version is refused, and its own version can still open it', () => {
  const path = newPath();
  openDataFolder(path, '1').close();
  expect(() => openDataFolder(path, '2')).toThrow(
    `The data folder ${path} was created by a different version of Muster (its format is 1, this version reads 2).`,
  );
  openDataFolder(path, '1').close();
});

test('a process killed while it created the folder does not break it', () => {
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

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** The modes of everything in a folder that is not private to its owner. */
function openToOthers(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return [folder, ...paths].filter((path) => (modeOf(path) & 0o077) !== 0);
}

describe.skipIf(process.platform === 'win32')("whatever the folder's mode was", () => {
  test.each([
    ['a new folder', () => undefined],
    ['an empty folder open to others', (path: string) => mkdirSync(path, { mode: 0o755 })],
  ])('%s is private to its owner', (_, make) => {
    const path = newPath();
    make(path);
    openDataFolder(path, '1').close();
    expect(openToOthers(path)).toEqual([]);
  });

  test('files left open by an earlier version become private, and nothing outside the folder changes', () => {
    const path = newPath();
    const outside = join(path, '..', 'outside');
    writeFileSync(outside, '', { mode: 0o644 });
    mkdirSync(join(path, 'logs'), { recursive: true });
    writeFileSync(join(path, 'version'), '1\n');
    for (const name of ['keys.json', 'async-invocations.db-wal', 'logs/api.log']) writeFileSync(join(path, name), '');
    symlinkSync(outside, join(path, 'logs', 'link'));
    chmodSync(path, 0o777);
    openDataFolder(path, '1').close();
    rmSync(join(path, 'logs', 'link'));
    expect(openToOthers(path)).toEqual([]);
    expect(modeOf(outside)).toBe(0o644);
  });

  test("in a folder with other files, only Muster's own become private", () => {
    const path = newPath();
    mkdirSync(path, { mode: 0o755 });
    writeFileSync(join(path, 'notes'), '', { mode: 0o644 });
    openDataFolder(path, '1').close();
    expect(openToOthers(path)).toEqual([path, join(path, 'notes')]);
  });

  test('all files of a running Muster are private to their owner', async () => {
    const data = newPath();
    mkdirSync(data, { mode: 0o777 });
    const muster = await start({ data, quiet: true, schedules: false });
    onTestFinished(() => muster.stop());
    const headers = { authorization: `Bearer ${muster.keys.admin}`, 'content-type': 'application/json' };
    await fetch(`${muster.url}/v1/tasks`, { method: 'POST', headers, body: JSON.stringify({ content: 'x' }) });
    await muster.settled();
    expect(readdirSync(data)).toEqual(expect.arrayContaining(['dynamodb', 'logs', 'positions', 'keys.json']));
    expect(openToOthers(data)).toEqual([]);
  });
});

function newPath(): string {
  const parent = mkdtempSync(join(tmpdir(), 'muster-folder-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return join(parent, 'data');
}
