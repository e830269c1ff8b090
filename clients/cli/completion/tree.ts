import type { Command, Option } from 'commander';

/** The command line in the form that completion scripts need. */
export interface CommandTree {
  commands: CompletedCommand[];
  /** Flags that are followed by a value, in any command. */
  valued: string[];
}

export interface CompletedCommand {
  /** The words that invoke it, for example `muster task create`. */
  path: string;
  subcommands: Completed[];
  options: CompletedOption[];
  /** The choices for its first argument, if it has any. */
  choices: readonly string[];
}

interface Completed {
  name: string;
  description: string;
}

export interface CompletedOption {
  /** As typed: `-f`, `--file`. */
  flags: string[];
  description: string;
  isValued: boolean;
  /** The choices for its value, if it has any. */
  choices: readonly string[];
}

/** The program and all commands below it. */
export function treeOf(program: Command): CommandTree {
  const commands = commandsOf(program, program.name());
  const valued = commands.flatMap(({ options }) =>
    options.filter(({ isValued }) => isValued).flatMap(({ flags }) => flags),
  );
  return { commands, valued: [...new Set(valued)] };
}

function commandsOf(command: Command, path: string): CompletedCommand[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command);
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  const [first] = command.registeredArguments;
  return [
    {
      path,
      subcommands: subcommands.map((one) => ({
        name: one.name(),
        description: firstSentence(one.summary() || one.description()),
      })),
      options: uniqueOptions(options).map(completed),
      choices: first?.argChoices ?? [],
    },
    ...subcommands.flatMap((one) => commandsOf(one, `${path} ${one.name()}`)),
  ];
}

/** Every command has a --help, and so does the program. */
const uniqueOptions = (options: readonly Option[]) =>
  options.filter(({ long }, index) => options.findIndex((option) => option.long === long) === index);

const completed = ({ short, long, description, required, optional, argChoices }: Option): CompletedOption => ({
  flags: [short, long].filter((flag) => flag !== undefined),
  description: firstSentence(description),
  isValued: required || optional,
  choices: argChoices ?? [],
});

/** Menus have no room for more. */
const firstSentence = (text: string) => text.split(/[.;:](?:\s|$)|\n/)[0]?.trim() ?? '';
