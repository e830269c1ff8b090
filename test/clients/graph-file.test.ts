import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failure } from '#clients/cli/failure.ts';
import { readGraph } from '#clients/cli/graph-file.ts';
import { temporaryFolder } from '../support/cli.ts';

function graphIn(content: string | Buffer): Promise<unknown> {
  const file = join(temporaryFolder(), 'graph.yaml');
  writeFileSync(file, content);
  return readGraph(file);
}

const shared = {
  tasks: [{ key: 'a', requirements: ['python'] }, ...Array.from({ length: 150 }, () => ({ requirements: ['python'] }))],
};

test.each([
  [
    '150 aliases',
    `tasks:\n  - { key: a, requirements: &r [python] }\n${'  - { requirements: *r }\n'.repeat(150)}`,
    shared,
  ],
  [
    'a merge key and a field only for the file',
    'x-all: &all {priority: high}\ntasks:\n  - <<: *all\n    key: a\n    x-owner: me\n',
    { tasks: [{ priority: 'high', key: 'a' }] },
  ],
  ['a field without a value', 'tasks:\n  - key: a\n    dependencies:\n', { tasks: [{ key: 'a' }] }],
  ['null in metadata', 'tasks: [{metadata: {a: null, x-b: 1}}]', { tasks: [{ metadata: { a: null, 'x-b': 1 } }] }],
  ['a document start marker', '%YAML 1.1\n---\ntasks: [{key: no}]\n---\n# end\n', { tasks: [{ key: 'no' }] }],
  ['a byte order mark', '\ufefftasks: []', { tasks: [] }],
  ['whole numbers of any base', 'tasks: [0x10, 0o17, +5, 1.5]', { tasks: [16, 15, 5, 1.5] }],
  ['JSON with tabs', '{\n\t"tasks": []\n}', { tasks: [] }],
])('a file with %s is read', async (_, content, graph) => {
  expect(await graphIn(content)).toEqual(graph);
});

const bomb = `a: &a [${'x,'.repeat(99)}]\nb: &b [${'*a,'.repeat(99)}]\ntasks: [${'*b,'.repeat(99)}]\n`;
const row = (number: string) => `tasks:\n  - metadata: {row: ${number}}\n`;

test.each([
  ['an alias inside its own anchor', 'tasks:\n  - metadata: &m\n      self: *m\n', /is part of the value/],
  ['an undefined alias', 'tasks: *nobody\n', /alias \*nobody has no anchor &nobody/],
  ['too many aliases', bomb, /written out, it is larger than 1048576 bytes/],
  ['several documents', 'tasks: []\n---\ntasks: []\n', /has 2 YAML documents; a graph is one/],
  ['a merge key with text', 'x: &x text\ntasks:\n  - <<: *x\n', /<< can only merge fields/],
  ['a field given twice', 'tasks: []\ntasks: []\n', /A field is given more than once at line 2/],
  ['a field given twice in JSON', '{"tasks": [], "tasks": []}', /tasks is given more than once/],
  ['a tab', 'tasks:\n\t- key: a\n', /indented with a tab .* line 2/],
  ['a colon', 'tasks:\n  - content: note: this\n', /must be in quotes at line 2/],
  ['an open bracket', 'tasks: [', /A bracket is not closed at line 1/],
  ['endless nesting', `{"tasks": ${'['.repeat(1e5)}${']'.repeat(1e5)}}`, /nested too deeply/],
  ['endlessly nested YAML', `tasks: ${'['.repeat(5000)}${']'.repeat(5000)}`, /nested too deeply/],
  ['a 64-bit integer', row('1970670598291982291'), /cannot be kept as a number: 1970670598291982291/],
  ['a hexadecimal 64-bit integer', row('0x1FFFFFFFFFFFFFFF'), /cannot be kept as a number: 0x1FFFFFFFFFFFFFFF/],
  ['an octal 64-bit integer', row('0o777777777777777777777'), /cannot be kept as a number: 0o7/],
  ['a signed 64-bit integer', row('+9007199254740993'), /cannot be kept as a number: \+9007199254740993/],
  ['an infinite number', row('.inf'), /cannot be kept as a number: .inf/],
  ['a number that would become 0', row('1e-999'), /cannot be kept as a number: 1e-999/],
  ['a 64-bit integer in JSON', '{"tasks": [1970670598291982291]}', /tasks\/0 cannot be kept as a number/],
  ['Latin-1', Buffer.from('tasks: [caf\u00e9]', 'latin1'), /not valid UTF-8; it may be Latin-1/],
  ['UTF-16', Buffer.from('\ufefftasks: []', 'utf16le'), /is UTF-16, not UTF-8/],
  ['UTF-16 without a byte order mark', Buffer.from('tasks: []', 'utf16le'), /is UTF-16, not UTF-8/],
  ['no tasks', 'tasks:\n', /has no tasks/],
  ['nothing', '', /has no tasks/],
])('a file with %s is refused with our own message', async (_, content, says) => {
  const refused: unknown = await graphIn(content).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Failure);
  expect(refused).toMatchObject({ exitCode: 2, message: expect.stringMatching(says) as string });
  expect((refused as Failure).hint).toMatch(/\.$|--help/);
});
