import type { CallToolResult } from '@modelcontextprotocol/server';
import { invalidInput, type Problem } from '#shared/contract/problem.ts';
import { traceIdOf } from '#shared/contract/trace-context.ts';
import { inToolNames } from '#shared/contract/transports/tool-names.ts';
import type { ToolSet } from '#shared/contract/transports/tool-sets.ts';
import type { ToolRow } from '#shared/contract/transports/tools.ts';
import type { Caller } from '#shared/domain/caller.ts';
import { implementationOf } from '#shared/operations/index.ts';
import { perform } from '#shared/operations/perform.ts';
import type { Ports } from '#shared/ports.ts';
import { measure, measureRefusal, taskIdIn } from '../telemetry/observe.ts';
import { refusalOf } from '../http/refusal.ts';
import { inTraceOf } from '../http/trace.ts';
import type { Arguments } from './arguments.ts';
import { toolResult } from './result.ts';

/** The caller, and the request. */
export interface Asking {
  caller: Caller;
  requestId: string;
  /** The header of that name, unvalidated: the trace of the request, unless the message names another. */
  traceparent?: string | undefined;
  /** The tool set that the client requests. Default: all tools that the caller may use. */
  toolSet?: ToolSet | undefined;
}

/** The arguments of a call, and the trace of the message. */
export interface CallArguments extends Arguments {
  traceparent?: unknown;
}

/** Performs an operation as a tool call. A refusal is also a result, so that the model can read how to fix its call. */
export async function callTool(
  ports: Ports,
  operation: ToolRow,
  { input: given, changed, traceparent: ofMessage }: CallArguments,
  { caller, requestId, traceparent }: Asking,
): Promise<CallToolResult> {
  const { name } = operation;
  const ofRequest = ofMessage ?? traceparent;
  const input = isObject(given) ? inTraceOf(ofRequest, operation, given) : given;
  const call = {
    operation: name,
    request_id: requestId,
    key_id: caller.keyId,
    trace_id: traceIdOf((isObject(input) ? input['traceparent'] : undefined) ?? ofRequest),
    task_id: taskIdIn(input),
    startedAt: performance.now(),
  };
  try {
    if (changed.length > 0) throw invalidInput(changed);
    const output = toolResult(operation, await perform(implementationOf(name), ports, input, caller));
    measure({ ...call, task_id: call.task_id ?? taskIdIn(output) });
    return { structuredContent: output, content: [{ type: 'text', text: inWords(output) }] };
  } catch (error) {
    measureRefusal(call, error);
    const problem = problemOf(error, requestId);
    return {
      isError: true,
      structuredContent: problem,
      content: [{ type: 'text', text: inWordsOf(problem) }],
    };
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Longer text, in characters, is not sent a second time: the whole response must fit into Lambda's 6 MB. */
const maxTextLength = 512 * 1024;

/** The output for clients that do not read structured content. */
function inWords(output: unknown): string {
  const text = JSON.stringify(output);
  if (text.length <= maxTextLength) return text;
  return `The result is ${text.length} characters, too long to repeat as text: read the structured content, or request less.`;
}

/** The problem of a call, worded with tools instead of operations, routes and headers. */
function problemOf(error: unknown, requestId: string): Problem {
  const refusal = refusalOf(error);
  const problem = refusal.problem(requestId);
  const after = `${refusal.details.retryAfterSeconds ?? 1} s`;
  const hint = inToolNames(problem.hint).replace(/(the delay in )?Retry-After/, after);
  // If there are errors, the detail repeats the first one, which may quote a name the caller sent.
  return { ...problem, hint, detail: problem.errors ? problem.detail : inToolNames(problem.detail) };
}

function inWordsOf({ title, detail, errors, hint, code, instance }: Problem): string {
  const wrong = errors?.map(({ pointer, message }) => `${pointer || 'the arguments'}: ${message}`) ?? [detail];
  const named = code === 'internal' ? [`instance: ${instance ?? 'unknown'}`] : [];
  return [`${title} (${code}).`, ...wrong, hint, ...named].join('\n');
}
