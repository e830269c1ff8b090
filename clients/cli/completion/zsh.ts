import type { CommandTree } from './tree.ts';

/** Completes commands, options and choices in zsh, with descriptions; file names where there is nothing of these. */
export const zshScript = ({ commands, valued }: CommandTree): string => `\
#compdef muster
# Completion of muster in zsh. In ~/.zshrc, after compinit: source <(muster completion zsh)
_muster_at() {
  case "$1" in
${commands
  .map(({ path, subcommands, options, choices }) => {
    const words = [...subcommands, ...choices.map((name) => ({ name, description: '' }))];
    const flags = options.flatMap(({ flags, description }) => flags.map((name) => ({ name, description })));
    return `    '${path}')\n      commands=(${words.map(described).join(' ')})\n      options=(${flags.map(described).join(' ')})\n      ;;`;
  })
  .join('\n')}
  esac
}

_muster_choices() {
  case "$1" in
${commands
  .flatMap(({ path, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .flatMap(({ flags, choices }) => flags.map((flag) => `    '${path} ${flag}') choices=(${choices.join(' ')}) ;;`)),
  )
  .join('\n')}
  esac
}

_muster() {
  local at=muster word
  local -a commands options choices
  local -a valued=(${valued.join(' ')})
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
