/**
 * The completion scripts in the shells installed on this machine. bash is everywhere; the others are compared with its
 * results.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { bashScript } from '#clients/cli/completion/bash.ts';
import { fishScript } from '#clients/cli/completion/fish.ts';
import { treeOf } from '#clients/cli/completion/tree.ts';
import { zshScript } from '#clients/cli/completion/zsh.ts';
import { createProgram } from '#clients/cli/program.ts';

const tree = treeOf(createProgram());

/** Sources a script in its shell and completes the last of several words. */
const shells = {
  bash: (words: readonly string[]) => {
    const complete = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', ['-c', `${bashScript(tree)}\n${complete}`, 'bash', ...words]);
  },
  // Replaces the function that shows the words in a terminal.
  zsh: (words: readonly string[]) => {
    const shown = `
      compdef() {}
      _files() {}
      compadd() { print -l -- \${(M)\${(P)2}:#\${(b)words[CURRENT]}*} }
      _describe() { print -l -- \${(M)\${(@)\${(P)2}%%:*}:#\${(b)words[CURRENT]}*} }`;
    const complete = 'words=("$@"); CURRENT=$#; _muster';
    return run('zsh', ['-f', '-c', `${shown}\n${zshScript(tree)}\n${complete}`, 'zsh', ...words]);
  },
  fish: (words: readonly string[]) =>
    run('fish', ['--no-config', '-c', `${fishScript(tree)}\ncomplete -C '${words.join(' ')}'`]).map(
      (line) => line.split('\t')[0],
    ),
};

function run(shell: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', timeout: 60_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0;

const cases: [line: string, words: string[]][] = [
  ['muster ta', ['task']],
  ['muster task cr', ['create']],
  ['muster task create --prio', ['--priority']],
  ['muster task create --priority ', ['low', 'medium', 'high', 'critical']],
  ['muster --json task cr', ['create']],
  ['muster task create --content task --prio', ['--priority']],
  ['muster completion ', ['bash', 'zsh', 'fish']],
  ['muster agent --prof', ['--profile']],
];

describe.for(Object.entries(shells))('%s', ([shell, complete]) => {
  test.skipIf(!isThere(shell)).for(cases)('completes %j', ([line, words]) => {
    expect(complete(line.split(' ')).sort()).toEqual([...words].sort());
  });
});

test('bash completes an option value after an equals sign', () => {
  expect(shells.bash(['muster', 'task', 'create', '--priority', '=', 'h'])).toEqual(['high']);
  expect(shells.bash(['muster', 'task', 'create', '--priority', '='])).toHaveLength(4);
});

test('each script has all commands, options and choices', () => {
  const options = tree.commands.flatMap((command) => command.options);
  expect(tree.commands.map(({ path }) => path)).toContain('muster graph submit');
  for (const { path } of tree.commands) {
    for (const script of [bashScript, zshScript, fishScript])
      expect(script(tree)).toMatch(new RegExp(`'(__muster_at )?${path}'`));
  }
  for (const { flags, choices } of options) {
    const [long = ''] = flags.slice(-1);
    for (const word of [...choices, long.slice(2)]) {
      for (const script of [bashScript, zshScript, fishScript]) expect(script(tree)).toContain(word);
    }
  }
});

test('an option takes a value in every command or in none', () => {
  const options = tree.commands.flatMap((command) => command.options);
  const flags = options.filter(({ isValued }) => !isValued).flatMap((option) => option.flags);
  expect(flags.filter((flag) => tree.valued.includes(flag))).toEqual([]);
});
