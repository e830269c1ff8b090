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

/** Replaces operation names and routes in a text with the names of their tools. */
export function inToolNames(text: string): string {
  return text.replace(mention, (mentioned) => toolOf.get(mentioned) ?? mentioned);
}

/**
 * Text for a client that is offered only some of the tools: uses tool names, and drops sentences that mention other
 * tools.
 */
export function offeredText(sentences: readonly string[], offered: ReadonlySet<string>): string {
  const isOffered = (sentence: string) =>
    [...sentence.matchAll(mention)].every(([mentioned]) => {
      const tool = toolOf.get(mentioned);
      return tool === undefined || offered.has(tool);
    });
  return sentences.filter(isOffered).map(inToolNames).join(' ');
}
