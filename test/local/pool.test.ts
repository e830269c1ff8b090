import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FunctionLogs } from '#local/host/logs.ts';
import { FunctionPool } from '#local/host/pool.ts';
import { MovableClock } from '#local/run/clock.ts';

/** A function with this code, and what is logged about it. */
function poolOf(code: string) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-pool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'index.mjs'), `export const handler = async () => { ${code} };`);
  const logs = new FunctionLogs(join(folder, 'logs'), true);
  const edge = { url: 'http://127.0.0.1:1', token: '', request: () => Promise.resolve(undefined) };
  const pool = new FunctionPool(
    {
      id: 'Fn',
      name: 'Fn',
      label: 'Fn',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:Fn',
      folder,
      handler: 'index.handler',
      environment: {},
      timeoutSeconds: 60,
      memoryMb: 128,
      logGroup: '/aws/lambda/Fn',
      logFormat: 'JSON',
    },
    { clock: new MovableClock(), edge, logs },
  );
  onTestFinished(() => pool.stop());
  const logged = async () => {
    await logs.close();
    return readFileSync(join(folder, 'logs', 'Fn.log'), 'utf8');
  };
  return { pool, folder, logged };
}

test('a function that crashes is logged', async () => {
  const { pool, logged } = poolOf(`throw new Error('broken');`);
  expect(await pool.invoke({})).toMatchObject({ error: { errorMessage: 'broken' } });
  expect(await logged()).toContain('Invoke Error');
});

test('a function still running at the stop ends without a logged error', async () => {
  const { pool, folder, logged } = poolOf(`
    const { writeFileSync } = await import('node:fs');
    writeFileSync(import.meta.dirname + '/begun', '');
    await new Promise(() => setInterval(() => {}, 1000));`);
  const running = pool.invoke({});
  await expect.poll(() => existsSync(join(folder, 'begun'))).toBe(true);
  await pool.stop();
  expect(await running).toHaveProperty('error');
  expect(await logged()).not.toContain('Invoke Error');
});
