import type { Operation, Scope } from '../operation.ts';
import { operations, type OperationName } from '../operations.ts';
import { offeredText } from './tool-names.ts';
import { argumentsOf, type ArgumentsSchema } from './tool-schemas.ts';
import { toolSets, type ToolSet } from './tool-sets.ts';

export type ToolRow = Operation & { name: OperationName };

/**
 * An MCP tool, as tools/list describes it. Without an output schema: those of all tools are three times as long as
 * everything else, and models read responses without them.
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

/** The declared arguments of a tool; undefined if there is no such tool. */
export function inputSchemaOf(tool: string): ArgumentsSchema | undefined {
  const rows = rowsByTool.get(tool);
  if (!rows) return undefined;
  // Built one by one on first use: a call needs only one, and building all of them is slow.
  const schema = inputSchemas.get(tool) ?? argumentsOf(rows);
  inputSchemas.set(tool, schema);
  return schema;
}

/**
 * The operation that a tool call runs; undefined if there is no such tool. If a tool has several, the first one whose
 * required fields are given.
 */
export function operationOf(tool: string, given: object): ToolRow | undefined {
  const [first, ...others] = rowsByTool.get(tool) ?? [];
  if (!first || others.length === 0) return first;
  const isAskedFor = (row: ToolRow) => requiredOf(row).every((field) => Object.hasOwn(given, field));
  return [first, ...others].find(isAskedFor) ?? first;
}

const requiredOf = (row: ToolRow) => argumentsOf([row]).required;

/** Names of the tools that a caller with these scopes may use, in the order of the table. */
export function toolNamesFor(scopes: readonly Scope[], set?: ToolSet): string[] {
  const isOffered = (row: ToolRow) =>
    (row.scope === 'public' || scopes.includes(row.scope)) && (set === undefined || toolSets[set](row));
  return [...rowsByTool].filter(([, rows]) => rows.some(isOffered)).map(([name]) => name);
}

/** Whether a set has a tool. */
export const hasTool = (set: ToolSet, tool: string) => rowsByTool.get(tool)?.some((row) => toolSets[set](row)) ?? false;

/** The tools that a caller with these scopes may use: all of them, or those of a set. */
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

/** The description of a row, without the sentences that mention tools not offered. */
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
