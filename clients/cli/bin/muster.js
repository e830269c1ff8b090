#!/usr/bin/env node
/**
 * Runs the command line on a Node.js that reads TypeScript: this one (npx finds the Node 24 in node_modules first), or
 * else the one that npm ci installed. Plain JavaScript, because it must also run on a Node.js that is too old for the
 * rest.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath, URL } from 'node:url';

const neededNode = 24;
const main = new URL('../main.ts', import.meta.url);
const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));
const bundledNode = modules + '.bin/node';

if (Number(process.versions.node.split('.')[0]) >= neededNode) {
  // Later runs start in a third of the time.
  module.enableCompileCache(modules + '.cache/muster');
  await import(main.href);
} else if (existsSync(bundledNode)) {
  runOn(bundledNode);
} else {
  console.error(
    `muster requires Node ${neededNode} or newer; this is ${process.versions.node}. Install it from https://nodejs.org.`,
  );
  process.exitCode = 2;
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes, but other programs only to this one: the child decides how to end.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on('exit', (code, signal) => {
    for (const one of signals) process.off(one, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code);
  });
}
