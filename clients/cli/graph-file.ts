import { isScalar, parseAllDocuments, visit, type Document } from 'yaml';
import { changedByParsing } from '#shared/contract/json-text.ts';
import { limits } from '#shared/contract/limits.ts';
import type { InputOf } from '../sdk/index.ts';
import { Failure, wrongUsage } from './failure.ts';
import { readStdin } from './fields.ts';
import { readTextFile } from './text-file.ts';

/**
 * The graph in a YAML or JSON file; `-` is stdin. Fields that begin with `x-` are for the file's own use, such as
 * anchors, and fields without a value are absent. Muster validates the rest, as for every transport.
 * @throws Failure if the file cannot be parsed
 */
export async function readGraph(file: string): Promise<InputOf<'submit_graph'>> {
  const name = file === '-' ? 'stdin' : file;
  const text = file === '-' ? await readStdin() : readTextFile(file);
  const graph = withoutExtras(valueIn(text, name));
  const { tasks } = isFields(graph) ? graph : {};
  if (!isFields(graph) || tasks === undefined) {
    throw wrongUsage(`${name} has no tasks.`, 'Its top level must be: tasks: [...]. See muster graph submit --help.');
  }
  return { ...graph, tasks: Array.isArray(tasks) ? tasks.map(withoutExtras) : tasks } as InputOf<'submit_graph'>;
}

function valueIn(text: string, name: string): unknown {
  try {
    const value = jsonIn(text, name) ?? yamlIn(text, name);
    requireSize(value, name);
    return value;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw wrongUsage(`${name}: ${inOurWords(error instanceof Error ? error.message : String(error))}`, 'Fix the file.');
  }
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutExtras(value: unknown): unknown {
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, inner]) => !name.startsWith('x-') && inner !== null));
}

/** Undefined if the text is not JSON. */
function jsonIn(text: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const [changed] = changedByParsing(text);
  if (changed) throw wrongUsage(`${name}: ${changed.path.join('/')} ${changed.message}.`, 'Fix the file.');
  return value;
}

/** One dialect, whatever a file declares: integers stay exact until they are checked, and `<<` merges. */
const dialect = { schema: 'core', merge: true, intAsBigInt: true, logLevel: 'error' } as const;

function yamlIn(text: string, name: string): unknown {
  const documents = [...parseAllDocuments(text, dialect)];
  const [mistake] = documents.flatMap(({ errors }) => errors);
  if (mistake) throw mistake;
  const [document, ...others] = documents.filter(hasValue);
  if (others.length > 0) {
    const hint = 'List all tasks under one `tasks:`, or submit each document from a file of its own.';
    throw wrongUsage(`${name} has ${others.length + 1} YAML documents; a graph is one.`, hint);
  }
  return document && exactValueOf(document, name);
}

const hasValue = ({ contents }: Document.Parsed) =>
  contents !== null && !(isScalar(contents) && contents.value === null);

function exactValueOf(document: Document.Parsed, name: string): unknown {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'bigint') {
        const rounded = Number(node.value);
        if (!Number.isFinite(rounded) || BigInt(rounded) !== node.value) throw notExact(node.source, name);
        node.value = rounded;
      } else if (typeof node.value === 'number' && !isExact(node.value, node.source ?? '')) {
        throw notExact(node.source, name);
      }
    },
  });
  // The number of aliases is not limited; the expanded size is.
  return document.toJS({ maxAliasCount: -1 });
}

/** Fractions are rounded as everywhere; numbers that JSON lacks, and those that would become 0, are not exact. */
const isExact = (value: number, source: string) =>
  Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(source.replace(/e.*/i, '')));

const notExact = (source: string | undefined, name: string) =>
  wrongUsage(`A value in ${name} cannot be kept as a number: ${(source ?? '').slice(0, 40)}.`, 'Write it in quotes.');

/** Aliases can make a short file huge or endless, so its size is measured without expanding it. */
function requireSize(value: unknown, name: string): void {
  const known = new Map<unknown, number>();
  const open = new Set<unknown>();
  const sizeOf = (inner: unknown): number => {
    if (typeof inner !== 'object' || inner === null) return String(inner).length;
    if (open.has(inner)) throw wrongUsage(`${name}: an alias is part of the value that it repeats.`, writeOut);
    const before = known.get(inner);
    if (before !== undefined) return before;
    open.add(inner);
    const size = Object.entries(inner).reduce((sum, [field, part]) => sum + field.length + sizeOf(part), 2);
    open.delete(inner);
    known.set(inner, size);
    return size;
  };
  if (sizeOf(value) <= limits.bodyBytes) return;
  throw wrongUsage(`${name}: with its aliases written out, it is larger than ${limits.bodyBytes} bytes.`, writeOut);
}

const writeOut = 'Write the values out in place of the aliases.';

/** The parser's message, with common mistakes worded better. It also says where. */
function inOurWords(message: string): string {
  const [theirs, ours] = words.find(([pattern]) => pattern.test(message)) ?? [];
  return theirs === undefined ? message.trim() : message.trim().replace(theirs, ours ?? '');
}

const words: readonly (readonly [RegExp, string])[] = [
  [/^Maximum call stack size exceeded/, 'Values are nested too deeply'],
  [/^Map keys must be unique/, 'A field is given more than once'],
  [/^Tabs are not allowed as indentation/, 'A line is indented with a tab instead of spaces'],
  [/^All \w+ items must start at the same column/, 'A line is indented differently from the lines before it'],
  [/^Nested mappings are not allowed in compact mappings/, 'Text that contains ": " must be in quotes'],
  [/^Implicit keys need to be on a single line/, 'A line is neither a field nor an item of a list'],
  [/^Flow (?:map|sequence) in block collection .*(?= at line)/, 'A bracket is not closed'],
  [/^Missing closing .quote/, 'A quote is not closed'],
  [
    /^Plain value cannot start with (?:reserved|directive indicator) character/,
    'Text must be in quotes that begins with',
  ],
  [/^Unresolved alias .*: (.*)/, 'The alias *$1 has no anchor &$1 before it.'],
  [/^Merge sources must be maps or map aliases/, '<< can only merge fields, or a list of them'],
];
