import type { Operation, Scope } from '../operation.ts';
import { operations, type OperationName } from '../operations.ts';
import { offeredText } from './tool-names.ts';
import { argumentsOf, type ArgumentsSchema } from './tool-schemas.ts';
import { toolSets, type ToolSet } from './tool-sets.ts';

export type ToolRow = Operation & { name: OperationName };

/**
 * An MCP tool, as tools/list describes it. It has no output schema: those of all tools are three times as long as everything
 * else, and a model reads the answer itself.
 */
export interface Tool {
  name: string;
  title: string;
  description: string;
  inputSchema: { type: 'object' } & Record<string, unknown>;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

const toolRows: readonly ToolRow[] = operations;
const rowsByTool = Map.groupBy(
  toolRows.filter(({ tool }) => tool !== undefined),
  ({ tool }) => tool ?? '',
);
const inputSchemas = new Map<string, ArgumentsSchema>();

/** The declared arguments of a tool; undefined when there is no such tool. */
export function inputSchemaOf(tool: string): ArgumentsSchema | undefined {
  const rows = rowsByTool.get(tool);
  if (!rows) return undefined;
  // Built on first use, one by one: a call needs one of them, and building all is slow.
  const schema = inputSchemas.get(tool) ?? argumentsOf(rows);
  inputSchemas.set(tool, schema);
  return schema;
}

/**
 * The operation that a call of a tool is for; undefined when there is no such tool. Of several, it is the first whose required
 * fields are given.
 */
export function operationOf(tool: string, given: object): ToolRow | undefined {
  const [first, ...others] = rowsByTool.get(tool) ?? [];
  if (!first || others.length === 0) return first;
  const isAskedFor = (row: ToolRow) => requiredOf(row).every((field) => Object.hasOwn(given, field));
  return [first, ...others].find(isAskedFor) ?? first;
}

const requiredOf = (row: ToolRow) => argumentsOf([row]).required;

/** The names of the tools that a caller with these scopes may use, in the order of the table. */
export function toolNamesFor(scopes: readonly Scope[], set?: ToolSet): string[] {
  const isOffered = (row: ToolRow) =>
    (row.scope === 'public' || scopes.includes(row.scope)) && (set === undefined || toolSets[set](row));
  return [...rowsByTool].filter(([, rows]) => rows.some(isOffered)).map(([name]) => name);
}

/** Whether a set has a tool. */
export const hasTool = (set: ToolSet, tool: string) => rowsByTool.get(tool)?.some((row) => toolSets[set](row)) ?? false;

/** The tools that a caller with these scopes may use, all or those of a set. */
export function toolsFor(scopes: readonly Scope[], set?: ToolSet): Tool[] {
  const names = toolNamesFor(scopes, set);
  const offered = new Set(names);
  return names.map((name) => describeTool(name, rowsByTool.get(name) ?? [], offered));
}

function describeTool(name: string, rows: readonly ToolRow[], offered: ReadonlySet<string>): Tool {
  return {
    name,
    title: titleOf(rows[0]?.name ?? name),
    description: descriptionOf(rows, offered),
    inputSchema: inputSchemaOf(name) ?? argumentsOf(rows),
    annotations: {
      readOnlyHint: rows.every(({ effect }) => effect === 'read'),
      destructiveHint: rows.some(({ effect }) => effect === 'destroy'),
      idempotentHint: rows.every(({ idempotent }) => idempotent),
      // No tool reads or changes anything outside Muster.
      openWorldHint: false,
    },
  };
}

/** `create_task`: Create task */
function titleOf(operation: string): string {
  const words = operation.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a row says of itself, without the sentences that send the reader to a tool that is not offered. */
function descriptionOf([first, ...others]: readonly ToolRow[], offered: ReadonlySet<string>): string {
  if (!first) return '';
  const sentences = [
    first.summary,
    ...(first.description?.split(/(?<=\.) (?=[A-Z])/) ?? []),
    ...others.map(({ summary }) => `Without ${requiredOf(first).join(' and ')}: ${summary}`),
  ];
  return offeredText(
    sentences.map((sentence) => (sentence.endsWith('.') ? sentence : `${sentence}.`)),
    offered,
  );
}
