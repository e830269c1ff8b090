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

/** A text that speaks of operations by their names or routes, for a reader who knows only tools. */
export function inToolNames(text: string): string {
  return text.replace(mention, (mentioned) => toolOf.get(mentioned) ?? mentioned);
}
