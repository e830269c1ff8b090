/**
 * `node clients/cli/bridge/main.ts [--tools SET]`: an MCP server over stdio, like `npx muster mcp`, for clients that
 * start one as a process.
 */
import { parseArgs } from 'node:util';
import { printable } from '#shared/contract/printable.ts';
import { isToolSet, toolSets } from '#shared/contract/transports/tool-sets.ts';
import { report, wrongUsage } from '../failure.ts';
import { findMuster } from '../connection.ts';
import { runStdioBridge } from './stdio.ts';

// The client is gone.
process.stdout.on('error', () => process.exit(0));

try {
  const { tools } = parseArgs({ options: { tools: { type: 'string' } } }).values;
  if (tools !== undefined && !isToolSet(tools)) {
    throw wrongUsage(`--tools must be one of ${Object.keys(toolSets).join(', ')}.`, 'Leave it out for all tools.');
  }
  await runStdioBridge({
    ...findMuster(undefined),
    tools,
    stdin: process.stdin,
    stdout: process.stdout,
    log: (text) => console.error(printable(text)),
  });
} catch (error) {
  process.exitCode = report(error, false);
}
