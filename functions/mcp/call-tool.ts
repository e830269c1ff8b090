import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ParsingChange } from '#shared/contract/json-text.ts';
import { invalidInput, type Problem } from '#shared/contract/problem.ts';
import { traceIdOf } from '#shared/contract/trace-context.ts';
import { inToolNames } from '#shared/contract/transports/tool-names.ts';
import type { Caller } from '#shared/domain/caller.ts';
import { implementationOf } from '#shared/operations/index.ts';
import { perform } from '#shared/operations/perform.ts';
import type { Ports } from '#shared/ports.ts';
import { measure, measureRefusal } from '../telemetry/observe.ts';
import type { NamedOperation } from '../http/http-request.ts';
import { refusalOf } from '../http/refusal.ts';
import { inTraceOf } from '../http/trace.ts';

/** Who asks, in which request. */
export interface Asking {
  caller: Caller;
  requestId: string;
  /** The header of that name, unchecked: the trace that the request belongs to, unless the message names another. */
  traceparent?: string | undefined;
}

/** The arguments of a call, what reading them has changed, and the trace that the message belongs to. */
export interface Arguments {
  input: Record<string, unknown>;
  changed: readonly ParsingChange[];
  traceparent?: unknown;
}

/** Performs an operation as a tool: a refusal is a result too, so that the model reads how to fix its call. */
export async function callTool(
  ports: Ports,
  operation: NamedOperation,
  { input: given, changed, traceparent: ofMessage }: Arguments,
  { caller, requestId, traceparent }: Asking,
): Promise<CallToolResult> {
  const { name } = operation;
  const input = inTraceOf(ofMessage ?? traceparent, operation, given);
  const call = {
    operation: name,
    request_id: requestId,
    key_id: caller.keyId,
    trace_id: traceIdOf(input['traceparent'] ?? ofMessage ?? traceparent),
    startedAt: performance.now(),
  };
  try {
    if (changed.length > 0) throw invalidInput(changed);
    const output = await perform(implementationOf(name), ports, input, caller);
    measure(call);
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

/** Longer texts, in characters, are not sent a second time: the whole response must fit into Lambda's 6 MB. */
const longestText = 512 * 1024;

/** The output for clients that do not read structured content. */
function inWords(output: unknown): string {
  const text = JSON.stringify(output);
  if (text.length <= longestText) return text;
  return `The result is ${text.length} characters, too long to repeat as text: read the structured content, or request less.`;
}

/** The problem of a call, with tools in place of routes and headers. */
function problemOf(error: unknown, requestId: string): Problem {
  const refusal = refusalOf(error);
  const problem = refusal.problem(requestId);
  const after = `${refusal.details.retryAfterSeconds ?? 1} s`;
  return { ...problem, hint: inToolNames(problem.hint).replace('Retry-After', after) };
}

function inWordsOf({ title, detail, errors, hint, code, instance }: Problem): string {
  const wrong = errors?.map(({ pointer, message }) => `${pointer || 'the arguments'}: ${message}`) ?? [detail];
  const named = code === 'internal' ? [`instance: ${instance ?? 'unknown'}`] : [];
  return [`${title} (${code}).`, ...wrong, hint, ...named].join('\n');
}
