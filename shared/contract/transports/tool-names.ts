import type { Operation } from '../operation.ts';
import { operations } from '../operations.ts';

const namedRows: readonly Operation[] = operations;
const toolOf = new Map(
  namedRows.flatMap(({ name, route, tool }) =>
    tool === undefined
      ? []
      : [
          [name, tool],
          [route, tool],
        ],
  ),
);
const mention = /\b(?:GET|POST|DELETE) \/[\w/{}]+|\b[a-z]+(?:_[a-z]+)+\b/g;

/** A text that mentions operations by name or route, rewritten with the names of their tools. */
export function inToolNames(text: string): string {
  return text.replace(mention, (mentioned) => toolOf.get(mentioned) ?? mentioned);
}
