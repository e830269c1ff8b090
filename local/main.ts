/** `npm start`: runs Muster until it is stopped. */
import { rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { writePrivateJson } from './data/private-file.ts';
import type { Muster } from './start.ts';
import { describeProblem, welcome } from './terminal.ts';

// As on Lambda. Workers share the time zone of their process.
process.env['TZ'] = 'UTC';

const data = resolve(process.env['MUSTER_DATA'] ?? '.muster');
/** As a person would write it. */
const shownData = relative('.', data).startsWith('..') ? data : relative('.', data);
const readyFile = join(data, 'local.json');

try {
  const port = portFrom(process.env['PORT'] ?? '4800');
  say('Starting Muster');
  // Loading takes a second by itself.
  const { start } = await import('./start.ts');
  const corsOrigins = process.env['MUSTER_CORS_ORIGINS'];
  const muster = await start({ data, port, say, dashboard: true, ...(corsOrigins && { settings: { corsOrigins } }) });
  stopOnSignal(muster);
  writePrivateJson(readyFile, { url: muster.url, pid: process.pid, data, keys: muster.keys });
  console.log(welcome(muster, shownData));
} catch (error) {
  console.error(describeProblem(error));
  process.exit(1);
}

/** What takes its time, before Muster is ready. */
function say(step: string): void {
  console.log(`${step} ...`);
}

/** Ctrl-C or SIGTERM: the first stops after open requests are answered, the second at once. */
function stopOnSignal(muster: Muster): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log(`\nStopping on ${signal}. The data stays in ${shownData}.`);
    void leave(muster);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  void muster.engine.ended.then((lastWords) => {
    if (stopping) return;
    console.error(`The DynamoDB engine exited unexpectedly; restart Muster. Its last output:\n${lastWords}`);
    process.exit(1);
  });
}

async function leave(muster: Muster): Promise<void> {
  rmSync(readyFile, { force: true });
  try {
    await muster.stop();
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}

function portFrom(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text !== '') return port;
  throw new Error(`PORT is "${text}". Set it to a number from 0 (any free port) to 65535.`);
}
