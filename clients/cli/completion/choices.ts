import type { CommandTree } from './tree.ts';

/**
 * The bash and zsh function for options with a fixed set of values: `given` generates the shell code for one of them.
 */
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
