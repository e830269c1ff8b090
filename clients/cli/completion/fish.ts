import type { CommandTree, CompletedOption } from './tree.ts';

/** Completes commands, options and choices in fish, with descriptions, and file names elsewhere. */
export const fishScript = ({ commands, valued }: CommandTree): string => `\
# Completion of muster in fish. In ~/.config/fish/config.fish: muster completion fish | source
set -g __muster_paths ${commands.map(({ path }) => `'${path}'`).join(' ')}
set -g __muster_valued ${valued.join(' ')}

function __muster_at
    set -l at muster
    set -l is_value no
    for word in (commandline -opc)[2..]
        if test $is_value = yes
            set is_value no
        else if contains -- $word $__muster_valued
            set is_value yes
        else if contains -- "$at $word" $__muster_paths
            set at "$at $word"
        end
    end
    test "$at" = "$argv"
end

${commands
  .flatMap(({ path, subcommands, options, choices }) => {
    const at = `complete -c muster -n '__muster_at ${path}'`;
    const words = [...subcommands, ...choices.map((name) => ({ name, description: '' }))];
    return [
      ...words.map(({ name, description }) => `${at} -f -a ${name}${describedBy(description)}`),
      ...options.map((option) => `${at}${optionWords(option)}`),
    ];
  })
  .join('\n')}`;

function optionWords({ flags, description, isValued, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`));
  const value = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : isValued ? ' -r' : '';
  return names.join('') + value + describedBy(description);
}

const describedBy = (description: string) =>
  description === '' ? '' : ` -d '${description.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
