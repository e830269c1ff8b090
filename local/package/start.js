#!/usr/bin/env node
/** `npx @musterhq/dev`. Plain JavaScript, because it must also run on a Node.js that is too old for the rest. */
const neededNode = 24;

if (Number(process.versions.node.split('.')[0]) >= neededNode) {
  await import('./code/main.js');
} else {
  console.error(
    `@musterhq/dev requires Node ${neededNode} or newer; this is ${process.versions.node}.\n` +
      'Install it from https://nodejs.org or with your version manager. (@musterhq/sdk and @musterhq/cli run on Node 20.)',
  );
  process.exitCode = 1;
}
