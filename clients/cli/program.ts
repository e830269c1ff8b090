import { Command, Option } from 'commander';
import { version } from '#shared/contract/version.ts';
import { addAgentCommands } from './commands/agent.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addGraphCommands } from './commands/graph.ts';
import { addKeyCommands } from './commands/key.ts';
import { addMcpCommand } from './commands/mcp.ts';
import { addProfileCommands } from './commands/profile.ts';
import { addServiceCommands } from './commands/service.ts';
import { addTaskCommands } from './commands/task.ts';
import { exitCodes } from './failure.ts';
import { outputOf } from './session.ts';
import { inWordsOfCommands } from './words.ts';

const notes = `
Connects to the Muster of --profile, else of MUSTER_URL and MUSTER_KEY, else the local one, whose local.json is in
MUSTER_DATA, or in .muster of this folder or a parent folder.

An option value of - is read from stdin.

Exit codes:
  ${exitCodes.ok}  success
  ${exitCodes.refused}  refused: stderr says why and what to do
  ${exitCodes.usage}  wrong usage
  ${exitCodes.unreachable}  no Muster found, or no response
  ${exitCodes.unsuccessful}  the watched task or graph did not complete, or health is degraded`;

/** The whole command line. Throws where commander would end the process. */
export function createProgram(): Command {
  const program: Command = new Command('muster')
    .description('Multi-agent task orchestration: manage tasks, agents and graphs')
    .version(version, '--version', 'Print the version')
    .option('--json', 'Print JSON; lists and watches print one line per item')
    .addOption(new Option('--profile <name>', 'Connect to the Muster of this profile').env('MUSTER_PROFILE'))
    .configureHelp({
      showGlobalOptions: true,
      commandDescription: (command) => inWordsOfCommands(command.description()),
    })
    .configureOutput({
      // Only for help that nobody requested, which a program could not parse.
      writeErr: (help) => {
        if (!outputOf(program).json) process.stderr.write(help);
      },
      // `report` prints these along with all other errors.
      outputError: () => undefined,
    })
    .exitOverride();
  program.addHelpText('after', notes);
  addTaskCommands(program);
  addAgentCommands(program);
  addGraphCommands(program);
  addServiceCommands(program);
  addKeyCommands(program);
  addProfileCommands(program);
  addMcpCommand(program);
  addCompletionCommand(program);
  return program;
}
