import { choicesFunction } from './choices.ts';
import type { CommandTree } from './tree.ts';

/** Completes commands, options and choices in bash, and file names elsewhere. */
export const bashScript = (tree: CommandTree): string => `\
# Completion of muster in bash. In ~/.bashrc: eval "$(muster completion bash)"
_muster_at() {
  case "$1" in
${tree.commands
  .map(({ path, subcommands, options, choices }) => {
    const words = [...subcommands.map(({ name }) => name), ...choices].join(' ');
    return `    '${path}') commands='${words}' options='${options.flatMap(({ flags }) => flags).join(' ')}' ;;`;
  })
  .join('\n')}
  esac
}

${choicesFunction(tree, (choices) => `echo '${choices}'`)}

_muster() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at=muster word commands options words i
  local valued=' ${tree.valued.join(' ')} '
  _muster_at "$at"
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ "$word" == -* ]]; then
      if [[ "$valued" == *" $word "* ]]; then
        # bash makes three words of --option=value.
        if [[ "\${COMP_WORDS[i + 1]}" == = ]]; then ((i += 1)); fi
        ((i += 1))
      fi
    elif [[ " $commands " == *" $word "* ]]; then
      at="$at $word"
      commands='' options=''
      _muster_at "$at"
    fi
  done
  if [[ "$current" == = ]]; then current=''; fi
  if ((i > COMP_CWORD)); then
    words="$(_muster_choices "$at $word")"
  elif [[ "$current" == -* ]]; then
    words="$options"
  else
    words="$commands"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}

complete -o default -F _muster muster`;
