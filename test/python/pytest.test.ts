/** The Python package's own tests, with pytest, on its wheel and a running Muster. */
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start, type Muster } from '#local/start.ts';
import { serveClock } from './support/clock-server.ts';
import { isSkipped, python } from './support/python.ts';

const sources = path.resolve('clients/python');
const modules = globSync('{*,*/*}/test_*.py', { cwd: sources }).sort();
const retries = 'tests/test_retries.py';
const guide = 'tests/quick_start/test_guide.py';

interface Report {
  test: string;
  outcome: 'passed' | 'failed' | 'skipped';
  text: string;
}

const reports: Report[] = [];
let folder: string;

describe.skipIf(isSkipped)('python', () => {
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'muster-python-'));
    await runPytest();
  }, 900_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.for(modules)('%s', (module) => {
    test.for(testsIn(module))('%s', (name) => {
      const found = reports.filter(({ test: id }) => id.split('[')[0] === `${path.basename(module)}::${name}`);
      const failed = found.filter(({ outcome }) => outcome !== 'passed');
      expect(failed.map(({ test: id, text }) => `${id}\n${text}`).join('\n\n')).toBe('');
      expect(found).not.toEqual([]);
    });
  });
});

/** The names of a module's tests, known even without Python. */
function testsIn(module: string): string[] {
  const text = readFileSync(path.join(sources, module), 'utf8');
  return [...text.matchAll(/^(?:async )?def (test_\w+)/gm)].map(([, name = '']) => name);
}

/**
 * Runs all tests once, concurrently, and stores the outcomes in `reports`. The tests of retries need no Muster; the
 * guide needs its own.
 */
async function runPytest(): Promise<void> {
  const muster = await start(options);
  const musterOfGuide = await start(options);
  const clock = await serveClock(muster);
  try {
    await Promise.all([
      pytest(retries, [retries], {}),
      pytest('others', ['tests', `--ignore=${retries}`], { ...accessTo(muster), MUSTER_CLOCK: clock.url }),
      pytest(guide, [guide], { ...accessTo(musterOfGuide), MUSTER_OF_GUIDE: '1' }),
    ]);
  } finally {
    clock.stop();
    await Promise.all([muster.stop(), musterOfGuide.stop()]);
  }
}

const options = { quiet: true, schedules: false, warm: false, throttle: false };

const accessTo = ({ url, keys }: Muster) => ({ MUSTER_URL: url, MUSTER_KEY: keys.admin });

async function pytest(name: string, args: string[], environment: Record<string, string>): Promise<void> {
  const report = path.join(folder, `${path.basename(name)}.jsonl`);
  const env = { ...process.env, ...environment, MUSTER_TEST_REPORT: report };
  const { stdout } = await promisify(execFile)(python().program('pytest'), ['-q', ...args], {
    cwd: sources,
    env,
    timeout: 600_000,
  }).catch((error: unknown) => {
    const { killed, stdout } = error as { killed: boolean; stdout: string };
    if (killed) throw new Error(`pytest of ${args.join(' ')} has not ended in 10 minutes:\n${stdout}`);
    return { stdout };
  });
  const lines = readFileSync(report, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(stdout);
  reports.push(...lines.map((line) => JSON.parse(line) as Report));
}
