/** Whether a text matches a pattern. */
export type Matches = (text: string) => boolean;

/** Compiles an IAM pattern, in which `*` stands for any characters and `?` for one. */
export function wildcard(pattern: string): Matches {
  const [start = '', ...rest] = pattern.split(/[*?]/);
  if (rest.length === 0) return (text) => text === pattern;
  if (pattern === `${start}*`) return (text) => text.startsWith(start);
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}
