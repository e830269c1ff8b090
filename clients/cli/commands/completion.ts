import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { treeOf } from '../completion/tree.ts';
import { zshScript } from '../completion/zsh.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .summary('Print a completion script')
    .description(
      `Prints a script that completes commands and options.
  bash  eval "$(muster completion bash)"         in ~/.bashrc
  zsh   source <(muster completion zsh)          in ~/.zshrc, after compinit
  fish  muster completion fish | source          in ~/.config/fish/config.fish`,
    )
    .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts) => console.log(scripts[shell](treeOf(program))));
}
