import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FunctionLogs } from '#local/host/logs.ts';

test('anything logged after the end is dropped, since the folder may be gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-logs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logs = new FunctionLogs(join(folder, 'logs'), true);
  const log = logs.of('api');
  log.write('{"message":"in time"}\n');
  await logs.close();
  expect(readFileSync(join(folder, 'logs', 'api.log'), 'utf8')).toContain('in time');
  rmSync(folder, { recursive: true });

  log.write('{"message":"late"}\n');
  logs.of('host').write('{"message":"late"}\n');
  expect(existsSync(folder)).toBe(false);
});
