import { Option, type Command } from 'commander';
import { printable } from '#shared/contract/printable.ts';
import { toolSets } from '#shared/contract/transports/tool-sets.ts';
import { runStdioBridge } from '../bridge/stdio.ts';
import { connectionOf } from '../session.ts';

export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .summary('Serve the MCP tools over stdio')
    .description(
      `Serves the MCP tools over stdin and stdout, for clients that start a server as a process.
The key determines which tools are offered: give an agent a key of role agent.`,
    )
    .addOption(
      new Option('--tools <set>', 'offer only a set of tools; seed: those of the quick-start guide').choices(
        Object.keys(toolSets),
      ),
    )
    .action(async ({ tools }: { tools?: string }, command: Command) => {
      const { url, key } = connectionOf(command);
      const log = (text: string) => console.error(printable(text));
      await runStdioBridge({ url, key, tools, stdin: process.stdin, stdout: process.stdout, log });
    });
}
