/** The Python package as others install it: its own tests, with pytest, on the wheel and on a Muster that is running. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPython, installedPython, isPythonHere } from '#scripts/packages/python.ts';
import { start, type Muster } from '#local/start.ts';

const run = promisify(execFile);
const sources = path.resolve('clients/python');
const modules = readdirSync(path.join(sources, 'tests')).filter((file) => /^test_\w+\.py$/.test(file));

interface Report {
  test: string;
  outcome: 'passed' | 'failed' | 'skipped';
  text: string;
}

/** Where Python is missing its tests are skipped, but not in CI. */
const isSkipped = !isPythonHere && process.env['CI'] === undefined;

let folder: string;
let bin: string;
let python: string;
const reports: Report[] = [];

describe.skipIf(isSkipped)('python', () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'muster-python-'));
    python = await buildPython();
    bin = await installedPython(path.join(python, 'dist', wheelIn(python)));
    await runPytest();
  }, 400_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.for(modules)('%s', (module) => {
    test.for(testsIn(module))('%s', (name) => {
      const found = reports.filter(({ test: id }) => id.split('[')[0] === `${module}::${name}`);
      const failed = found.filter(({ outcome }) => outcome !== 'passed');
      expect(failed.map(({ test: id, text }) => `${id}\n${text}`).join('\n\n')).toBe('');
      expect(found).not.toEqual([]);
    });
  });

  test('wheel and sdist have the version of Muster and no stray files', async () => {
    const list =
      'import sys, tarfile, zipfile; f = sys.argv[1]; print(*(zipfile.ZipFile(f).namelist() if f.endswith(".whl") else tarfile.open(f).getnames()), sep="\\n")';
    const filesIn = async (name: string) =>
      (await run(path.join(bin, 'python'), ['-c', list, path.join(python, 'dist', name)])).stdout.trim().split('\n');
    const [sdist = '', wheel = ''] = readdirSync(path.join(python, 'dist')).sort((one) =>
      one.endsWith('.whl') ? 1 : -1,
    );
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const code = String.raw`muster/(\w+/)*(\w+\.py|py\.typed)`;
    const info = String.raw`muster_agents-${version}\.dist-info/(METADATA|RECORD|WHEEL|licenses/LICENSE)`;
    const ofWheel = new RegExp(`^(${code}|${info})$`);
    const ofSdist = new RegExp(
      String.raw`^muster_agents-${version}/(src/${code}|LICENSE|PKG-INFO|README\.md|pyproject\.toml|\.gitignore)$`,
    );
    expect((await filesIn(wheel)).filter((file) => !ofWheel.test(file))).toEqual([]);
    expect((await filesIn(sdist)).filter((file) => !ofSdist.test(file))).toEqual([]);
    expect(await filesIn(wheel)).toContain('muster/py.typed');
  });

  test.for([
    ['mypy', 'src', 'tests'],
    ['ruff', 'check', '--no-cache'],
    ['ruff', 'format', '--check', '--no-cache'],
  ])('%s finds nothing: %s', { timeout: 240_000 }, async ([tool = '', ...args]) => {
    const cache = tool === 'mypy' ? ['--cache-dir', path.join(folder, 'mypy')] : [];
    const found = await run(path.join(bin, tool), [...args, ...cache], { cwd: sources }).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
    expect(found.stderr).toBe('');
  });
});

const wheelIn = (python: string) => readdirSync(path.join(python, 'dist')).find((file) => file.endsWith('.whl')) ?? '';

/** The tests of a module, by their names: known also where there is no Python. */
function testsIn(module: string): string[] {
  const text = readFileSync(path.join(sources, 'tests', module), 'utf8');
  return [...text.matchAll(/^(?:async )?def (test_\w+)/gm)].map(([, name = '']) => name);
}

/** Runs all tests once; what came of each is in `reports`. Those of retries need no Muster, so they run beside the others. */
async function runPytest(): Promise<void> {
  const muster = await start({ quiet: true, schedules: false, warm: false, throttle: false });
  const clock = await serveClock(muster);
  const access = { MUSTER_URL: muster.url, MUSTER_KEY: muster.keys.admin, MUSTER_CLOCK: clock.url };
  const alone = 'tests/test_retries.py';
  try {
    await Promise.all([pytest(alone, [alone], {}), pytest('others', ['tests', `--ignore=${alone}`], access)]);
  } finally {
    clock.stop();
    await muster.stop();
  }
}

async function pytest(name: string, args: string[], environment: Record<string, string>): Promise<void> {
  const report = path.join(folder, `${path.basename(name)}.jsonl`);
  const env = { ...process.env, ...environment, MUSTER_TEST_REPORT: report, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await run(path.join(bin, 'pytest'), ['-q', ...args], { cwd: sources, env }).catch(
    (error: unknown) => error as { stdout: string },
  );
  const lines = readFileSync(report, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(stdout);
  reports.push(...lines.map((line) => JSON.parse(line) as Report));
}

/** Lets the tests move the clock of their Muster: no other program may. */
async function serveClock(muster: Muster): Promise<{ url: string; stop: () => void }> {
  const handle = async (path: string | undefined, body: string) => {
    if (path === '/advance') await muster.clock.advance(body);
    else if (path === '/sweep') await muster.fire('sweep');
    else throw new Error(`${path} is unknown`);
  };
  const server = createServer((request, response) => {
    text(request)
      .then((body) => handle(request.url, body))
      .then(() => response.end())
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
