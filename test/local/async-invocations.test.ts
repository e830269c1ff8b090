import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { AsyncInvocations, type AsyncInvocationOptions } from '#local/host/async-invocations.ts';
import { Activity } from '#local/run/activity.ts';
import { MovableClock } from '#local/run/clock.ts';
import { readTemplate } from '#local/template/template.ts';
import { TinyTemplate } from '../support/tiny-template.ts';

type Invoke = AsyncInvocationOptions['invoke'];

function invocationsFor(file: string, invoke: Invoke): AsyncInvocations {
  const tiny = new TinyTemplate();
  const { template, stackName } = tiny.assembly();
  const edge = { url: 'http://127.0.0.1:1', token: '', request: () => Promise.resolve(undefined) };
  const invocations = new AsyncInvocations({
    file,
    template: readTemplate(template, stackName, edge.url),
    edge,
    clock: new MovableClock(),
    activity: new Activity(),
    invoke,
    warn: (message) => expect.unreachable(message),
  });
  onTestFinished(() => {
    invocations.stop();
    invocations.close();
    tiny.remove();
  });
  return invocations;
}

function databaseFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-async-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'events.db');
}

/** Like a process killed while the function is running: nothing more happens, and the file is not closed. */
const killedWhileRunning: Invoke = () => new Promise(() => undefined);

function leftIn(file: string): unknown {
  const database = new DatabaseSync(file);
  try {
    return database.prepare('SELECT count(*) AS n FROM invocations').get()?.['n'];
  } finally {
    database.close();
  }
}

test('an accepted event is delivered once by the next process after a kill', async () => {
  const file = databaseFile();
  const killed = invocationsFor(file, killedWhileRunning);
  for (const n of [1, 2]) killed.accept('Listener', { n });

  const delivered: unknown[] = [];
  const next = invocationsFor(file, (name, event) => {
    delivered.push([name, event]);
    return Promise.resolve({ result: 'null' });
  });
  next.start();
  await expect.poll(() => delivered).toHaveLength(2);
  expect(delivered).toEqual([
    ['Listener', { n: 1 }],
    ['Listener', { n: 2 }],
  ]);
  await expect.poll(() => leftIn(file)).toBe(0);
});
