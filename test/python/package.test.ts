/** The contents of the Python package to upload, and the findings of its linters. */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { writePythonReference } from '#scripts/docs-python.ts';
import { version } from '#shared/contract/version.ts';
import { isSkipped, python } from './support/python.ts';

const run = promisify(execFile);
const sources = path.resolve('clients/python');

const examples = ['python/agent', 'python/producer', 'pydantic-ai/main'].map((name) =>
  path.resolve(`examples/${name}.py`),
);

/** Lists the contents of a wheel or an sdist. */
const list = `
import sys, tarfile, zipfile
file = sys.argv[1]
names = zipfile.ZipFile(file).namelist() if file.endswith(".whl") else tarfile.open(file).getnames()
print(*names, sep="\\n")
`;

const code = String.raw`muster/(\w+/)*(\w+\.py|py\.typed)`;
const info = String.raw`muster_agents-${version}\.dist-info/(METADATA|RECORD|WHEEL|licenses/LICENSE)`;
const sdist = String.raw`muster_agents-${version}/(src/${code}|LICENSE|PKG-INFO|README\.md|pyproject\.toml|\.gitignore)`;

describe.skipIf(isSkipped)('python', () => {
  test.for([
    {
      file: `muster_agents-${version}-py3-none-any.whl`,
      expected: new RegExp(`^(${code}|${info})$`),
      typed: 'muster/py.typed',
    },
    {
      file: `muster_agents-${version}.tar.gz`,
      expected: new RegExp(`^${sdist}$`),
      typed: `muster_agents-${version}/src/muster/py.typed`,
    },
  ])('$file has types and no stray files', async ({ file, expected, typed }) => {
    const { folder, program } = python();
    expect(readdirSync(path.join(folder, 'dist'))).toContain(file);
    const { stdout } = await run(program('python'), ['-c', list, path.join(folder, 'dist', file)]);
    const names = stdout.trim().split('\n');
    expect(names.filter((name) => !expected.test(name))).toEqual([]);
    expect(names).toContain(typed);
  });

  test('the reference is generated from the docstrings', async () => {
    expect(await writePythonReference(path.dirname(python().program('pdoc')))).toEqual([]);
    expect(readFileSync('build/docs/python/muster.html', 'utf8')).toContain('wait_for');
  });

  test.for([
    ['mypy', '--cache-dir', path.resolve('build/mypy')],
    ['mypy', '--cache-dir', path.resolve('build/mypy'), ...examples],
    ['ruff', 'check', '--no-cache', '.'],
    ['ruff', 'format', '--check', '--no-cache'],
  ])('%s %s finds no problems', async ([tool = '', ...args]) => {
    const found = await run(python().program(tool), args, { cwd: sources }).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
    expect(found.stderr).toBe('');
  });
});
