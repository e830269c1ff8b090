/** `node clients/cli/bridge/main.ts`: an MCP server over stdio, for clients that start one as a process. As `npx muster mcp`. */
import { printable } from '#shared/contract/printable.ts';
import { report } from '../failure.ts';
import { findMuster } from '../connection.ts';
import { runStdioBridge } from './stdio.ts';

// The client has gone.
process.stdout.on('error', () => process.exit(0));

try {
  await runStdioBridge({
    ...findMuster(undefined),
    stdin: process.stdin,
    stdout: process.stdout,
    log: (text) => console.error(printable(text)),
  });
} catch (error) {
  process.exitCode = report(error, false);
}
