import { Command, Option } from 'commander';
import { version } from '#shared/contract/version.ts';
import { addAgentCommands } from './commands/agent.ts';
import { addGraphCommands } from './commands/graph.ts';
import { addKeyCommands } from './commands/key.ts';
import { addMcpCommand } from './commands/mcp.ts';
import { addProfileCommands } from './commands/profile.ts';
import { addServiceCommands } from './commands/service.ts';
import { addTaskCommands } from './commands/task.ts';
import { exitCodes } from './failure.ts';
import { inWordsOfCommands } from './words.ts';

const notes = `
Which Muster: that of --profile, else that of MUSTER_URL and MUSTER_KEY, else the local one, whose local.json is looked for
in MUSTER_DATA, or in .muster of this folder and those above it.

An option's value - is read from stdin.

Exit codes:
  ${exitCodes.ok}  done
  ${exitCodes.refused}  refused: stderr says why and what to do
  ${exitCodes.usage}  wrong usage
  ${exitCodes.unreachable}  no Muster found, or it does not answer
  ${exitCodes.unsuccessful}  what was watched has not completed, or health is degraded`;

/** The whole command line. It throws where commander would end the process. */
export function createProgram(): Command {
  const program = new Command('muster')
    .description('Multi-agent task orchestration: tasks, agents and graphs of a Muster')
    .version(version, '--version', 'Print the version of Muster')
    .option('--json', 'Print JSON; where things are listed or watched, one line for each')
    .addOption(new Option('--profile <name>', 'Talk to the Muster of this profile').env('MUSTER_PROFILE'))
    .configureHelp({
      showGlobalOptions: true,
      commandDescription: (command) => inWordsOfCommands(command.description()),
    })
    .showHelpAfterError('Add --help to see what is possible.')
    .exitOverride();
  program.addHelpText('after', notes);
  addTaskCommands(program);
  addAgentCommands(program);
  addGraphCommands(program);
  addServiceCommands(program);
  addKeyCommands(program);
  addProfileCommands(program);
  addMcpCommand(program);
  return program;
}
