import type { CommandTree } from './tree.ts';

/** The function of bash and zsh for the values of options that are a choice: `given` makes the shell code of one of them. */
export const choicesFunction = ({ commands }: CommandTree, given: (choices: string) => string): string => `\
_muster_choices() {
  case "$1" in
${commands
  .flatMap(({ path, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .flatMap(({ flags, choices }) => flags.map((flag) => `    '${path} ${flag}') ${given(choices.join(' '))} ;;`)),
  )
  .join('\n')}
  esac
}`;
