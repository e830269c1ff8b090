import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { logger } from '../../functions/telemetry/logger.ts';
import { FunctionLogs } from '#local/host/logs.ts';

const hidden = 'a\u202Eb\u200Bc\u001B[31m';
const shown = String.raw`a\u202eb\u200bc\u001b[31m`;

test('in the log of a function nothing is invisible, nor on the terminal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-logs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const terminal = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => terminal.mockRestore());
  const logs = new FunctionLogs(join(folder, 'logs'), false);
  logs.of('Api').write(`${JSON.stringify({ level: 'WARN', message: hidden })}\n`);
  await logs.close();

  const written = readFileSync(join(folder, 'logs', 'Api.log'), 'utf8');
  expect(written).toContain(shown);
  expect(JSON.parse(written)).toEqual({ level: 'WARN', message: hidden });
  expect(terminal).toHaveBeenCalledExactlyOnceWith(`Api: WARN ${shown}`);
});

test('what a function logs of an error is shown, not obeyed', () => {
  const lines: string[] = [];
  const outputs = [process.stdout, process.stderr].map((output) =>
    vi.spyOn(output, 'write').mockImplementation((line) => lines.push(String(line)) > 0),
  );
  onTestFinished(() => outputs.forEach((output) => output.mockRestore()));
  logger.error('Message failed', { error: new Error(hidden) });

  const { error } = JSON.parse(lines.join('')) as { error: { message: string } };
  expect(error.message).toBe(shown);
  expect(lines.join('')).not.toMatch(/[\u202E\u200B]/);
});
