/**
 * `node clients/cli/bridge/main.ts [--tools SET]`: an MCP server over stdio, like `npx muster mcp`, for clients that
 * start one as a process.
 */
import { parseArgs } from 'node:util';
import { printable } from '#shared/contract/printable.ts';
import { report } from '../failure.ts';
import { findMuster } from '../connection.ts';
import { runStdioBridge } from './stdio.ts';

// The client is gone.
process.stdout.on('error', () => process.exit(0));

try {
  await runStdioBridge({
    ...findMuster(undefined),
    tools: parseArgs({ options: { tools: { type: 'string' } } }).values.tools,
    stdin: process.stdin,
    stdout: process.stdout,
    log: (text) => console.error(printable(text)),
  });
} catch (error) {
  process.exitCode = report(error, false);
}
