import * as z from 'zod';
import { type JsonSchema, simplify } from './openapi-schemas.ts';
import { ProblemBody } from '../nouns.ts';
import { isDoneAsAgent, type Operation, type Scope } from '../operation.ts';
import { operations, type OperationName } from '../operations.ts';
import { inToolNames } from './tool-names.ts';

type ToolRow = Operation & { name: OperationName };

/** An MCP tool, as tools/list describes it. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  inputSchema: ObjectSchema;
  outputSchema: ObjectSchema;
  annotations: {
    readOnlyHint: boolean;
    destructiveHint: boolean;
    idempotentHint: boolean;
    openWorldHint: boolean;
  };
}

type ObjectSchema = { type: 'object' } & Record<string, unknown>;

const toolRows: readonly ToolRow[] = operations;
const rowsByTool = Map.groupBy(
  toolRows.filter(({ tool }) => tool !== undefined),
  ({ tool }) => tool ?? '',
);

/**
 * The operation that a call of a tool is for; undefined when there is no such tool. Of several, it is the first whose required
 * fields are given.
 */
export function operationOf(tool: string, given: object): ToolRow | undefined {
  const [first, ...others] = rowsByTool.get(tool) ?? [];
  if (!first || others.length === 0) return first;
  const isAskedFor = ({ input }: ToolRow) => requiredOf(schemaOf(input)).every((field) => Object.hasOwn(given, field));
  return [first, ...others].find(isAskedFor) ?? first;
}

let described: { tool: Tool; scopes: Operation['scope'][] }[] | undefined;

/** The tools that a caller with these scopes may use, in the order of the table. */
export function toolsFor(scopes: readonly Scope[]): Tool[] {
  // Built on first use: most calls do not need the list, and building it is slow.
  described ??= [...rowsByTool].map(([name, members]) => ({
    tool: describeTool(name, members),
    scopes: members.map(({ scope }) => scope),
  }));
  const mayUse = (scope: Operation['scope']) => scope === 'public' || scopes.includes(scope);
  return described.filter((one) => one.scopes.some(mayUse)).map(({ tool }) => tool);
}

function describeTool(name: string, members: ToolRow[]): Tool {
  const isRead = members.every(({ effect }) => effect === 'read');
  return {
    name,
    title: titleOf(members[0]?.name ?? name),
    description: inToolNames(descriptionOf(members)),
    inputSchema: inputOf(members),
    outputSchema: outputOf(members),
    annotations: {
      readOnlyHint: isRead,
      destructiveHint: members.some(({ effect }) => effect === 'destroy'),
      idempotentHint: members.every(({ idempotent }) => idempotent),
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

function descriptionOf([first, ...others]: ToolRow[]): string {
  const sentences = [first?.summary, first?.description];
  for (const { summary } of others) {
    sentences.push(`Without ${requiredOf(schemaOf(first?.input)).join(' and ')}: ${summary}`);
  }
  return sentences
    .filter((sentence) => sentence !== undefined)
    .map((sentence) => (sentence.endsWith('.') ? sentence : `${sentence}.`))
    .join(' ');
}

/** What any of the operations takes; required is what all of them require. */
function inputOf(members: ToolRow[]): ObjectSchema {
  const schemas = members.map(argumentsOf);
  const [first, ...others] = schemas;
  return {
    ...first,
    type: 'object',
    properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as Record<string, JsonSchema>,
    required: requiredOf(first).filter((field) => others.every((schema) => requiredOf(schema).includes(field))),
  };
}

/** `perform` fills in the agent of an agent's key. */
function argumentsOf(row: ToolRow): JsonSchema {
  const schema = schemaOf(row.input);
  const { agent_id, ...others } = schema.properties ?? {};
  if (agent_id === undefined || !isDoneAsAgent(row)) return schema;
  return {
    ...schema,
    properties: { agent_id: { ...(agent_id as JsonSchema), description: ownAgent }, ...others },
    required: requiredOf(schema).filter((field) => field !== 'agent_id'),
  };
}

const ownAgent = 'Defaults to the agent that the key belongs to';

/** The outputs of all the operations, or a problem: some clients validate refusals against it too. */
function outputOf(members: ToolRow[]): ObjectSchema {
  const { examples: _examples, ...problem } = schemaOf(ProblemBody);
  return { type: 'object', anyOf: [...members.map(({ output }) => schemaOf(output)), problem] };
}

const requiredOf = (schema: JsonSchema | undefined): string[] => schema?.required ?? [];

/**
 * The JSON Schema (2020-12, which is what MCP takes it for when it names no dialect) of a zod schema. References are resolved,
 * since there are clients that do not follow them. `io: input` also for answers, as in OpenAPI: they are not closed.
 */
function schemaOf(schema: z.ZodType = z.object()): JsonSchema {
  const { $schema: _dialect, $defs = {}, ...root } = z.toJSONSchema(schema, { io: 'input', override: simplify });
  return resolve(root, $defs) as JsonSchema;
}

function resolve(value: unknown, definitions: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, definitions));
  if (typeof value !== 'object' || value === null) return value;
  if ('$ref' in value) return resolve(definitions[String(value.$ref).replace('#/$defs/', '')], definitions);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner, definitions)]));
}
