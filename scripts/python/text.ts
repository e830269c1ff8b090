/** The layout of generated Python. */

export const heading = '"""Written by `npm run generate` from the table of operations: do not edit."""';

/** Indents each non-empty line. */
export const indent = (text: string, spaces = 4) => text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));

/** A docstring; empty without text. `more` follows verbatim after an empty line. */
export function docstring(text: string | undefined, more = ''): string {
  if (!text) return '';
  const lines = wrap(sentence(escape(text)), 96);
  const body = more === '' ? lines : [...lines, '', ...more.split('\n')];
  return body.length === 1 ? `"""${body[0] ?? ''}"""\n` : `"""${body.join('\n')}\n"""\n`;
}

/** The `Args:` of a docstring. */
export function argumentsDoc(fields: { name: string; doc: string }[]): string {
  const said = fields.filter(({ doc }) => doc !== '');
  if (said.length === 0) return '';
  const lines = said.flatMap(({ name, doc }) => {
    const [first = '', ...others] = wrap(`${name}: ${sentence(escape(doc))}`, 90);
    return [`    ${first}`, ...others.map((line) => `        ${line}`)];
  });
  return ['Args:', ...lines].join('\n');
}

/** A list as a Python literal. */
export const quoted = (value: unknown) => JSON.stringify(value);

const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"""', "'''");

const sentence = (text: string) => (/[.?!)]$/.test(text) ? text : `${text}.`);

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
