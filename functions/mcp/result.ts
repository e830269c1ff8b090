import type { OperationName } from '#shared/contract/operations.ts';
import { inToolNames } from '#shared/contract/transports/tool-names.ts';
import type { ToolRow } from '#shared/contract/transports/tools.ts';

type Json = Record<string, unknown>;

/** An operation's output as a tool result: without what the caller already knows, and worded with tool names. */
export function toolResult({ name, effect }: Pick<ToolRow, 'name' | 'effect'>, output: unknown): Json {
  let result = output as Json;
  if (effect !== 'read') result = summarized(name, result);
  for (const path of ownWords[name] ?? []) result = reworded(result, path.split('.')) as Json;
  return result;
}

/** Long fields that the caller sent itself or does not need for the next step; get_task and get_agent return them. */
const omittedFields: Record<'task' | 'agent', readonly string[]> = {
  task: ['content', 'result', 'error', 'history'],
  agent: ['metadata', 'holding', 'health'],
};

const outputs: Partial<Record<OperationName, keyof typeof omittedFields>> = {
  create_task: 'task',
  assign_task: 'task',
  start_task: 'task',
  cancel_task: 'task',
  retry_task: 'task',
  register_agent: 'agent',
  learn_capability: 'agent',
  drain_agent: 'agent',
  resume_agent: 'agent',
};

function summarized(name: OperationName, output: Json): Json {
  if (name === 'create_tasks') {
    const results = output['results'] as Json[];
    return {
      ...output,
      results: results.map(({ task, ...other }) => (task ? { task: without('task', task as Json) } : other)),
    };
  }
  const kind = outputs[name];
  return kind ? without(kind, output) : output;
}

const without = (kind: keyof typeof omittedFields, whole: Json): Json =>
  Object.fromEntries(Object.entries(whole).filter(([field]) => !omittedFields[kind].includes(field)));

/** The output fields with Muster's own sentences, which may name the next step; `*` stands for each item of a list. */
const ownWords: Partial<Record<OperationName, readonly string[]>> = {
  create_tasks: ['results.*.error.hint'],
  route_task: ['reason'],
  explain_task: ['sentence'],
  heartbeat_agent: ['lost.*.detail'],
  get_health: ['reasons.*'],
  get_recommendations: ['recommendations.*.message'],
};

function reworded(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return typeof value === 'string' ? inToolNames(value) : value;
  if (step === '*') return Array.isArray(value) ? value.map((item) => reworded(item, rest)) : value;
  if (typeof value !== 'object' || value === null || !(step in value)) return value;
  return { ...value, [step]: reworded((value as Json)[step], rest) };
}
