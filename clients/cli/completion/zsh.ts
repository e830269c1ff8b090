import { choicesFunction } from './choices.ts';
import type { CommandTree } from './tree.ts';

/** Completes commands, options and choices in zsh, with descriptions, and file names elsewhere. */
export const zshScript = (tree: CommandTree): string => `\
#compdef muster
# Completion of muster in zsh. In ~/.zshrc, after compinit: source <(muster completion zsh)
_muster_at() {
  case "$1" in
${tree.commands
  .map(({ path, subcommands, options, choices }) => {
    const words = [...subcommands, ...choices.map((name) => ({ name, description: '' }))];
    const flags = options.flatMap(({ flags, description }) => flags.map((name) => ({ name, description })));
    return `    '${path}')\n      commands=(${words.map(described).join(' ')})\n      options=(${flags.map(described).join(' ')})\n      ;;`;
  })
  .join('\n')}
  esac
}

${choicesFunction(tree, (choices) => `choices=(${choices})`)}

_muster() {
  local at=muster word
  local -a commands options choices
  local -a valued=(${tree.valued.join(' ')})
  integer i
  _muster_at "$at"
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ "$word" == -* ]]; then
      if ((\${valued[(Ie)$word]})); then ((i++)); fi
    elif ((\${commands[(I)\${(b)word}:*]})); then
      at="$at $word"
      commands=() options=()
      _muster_at "$at"
    fi
  done
  if ((i > CURRENT)); then
    _muster_choices "$at $word"
    if (($#choices)); then compadd -a choices; else _files; fi
  elif [[ "\${words[CURRENT]}" == -* ]]; then
    _describe option options
  elif (($#commands)); then
    _describe command commands
  else
    _files
  fi
}

compdef _muster muster`;

const described = ({ name, description }: { name: string; description: string }) =>
  `'${name}:${description.replaceAll("'", `'\\''`)}'`;
