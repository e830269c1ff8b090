import type { OperationName } from '../operation-methods.ts';
import { inSpan } from './messaging-span.ts';
import { loadOpenTelemetry } from './open-telemetry.ts';

type Fields = Record<string, unknown>;

/** The operations with spans: those that send tasks, and those that report their outcome. */
const types: Partial<Record<OperationName, 'send' | 'settle'>> = {
  create_task: 'send',
  create_tasks: 'send',
  submit_graph: 'send',
  complete_task: 'settle',
  fail_task: 'settle',
  release_task: 'settle',
};

/**
 * Performs an operation, in a span if it has one. Tasks that are sent continue the trace of that span, or else of the
 * surrounding one, unless the caller names another.
 */
export async function tracedCall<T>(operation: OperationName, input: object, send: (input: object) => Promise<T>) {
  const type = types[operation];
  const { task_type, task_id, tasks, dry_run, traceparent } = input as Fields;
  if (type === undefined || dry_run === true) return send(input);
  await loadOpenTelemetry();
  const subject = {
    operation,
    type,
    destination: textIn(task_type),
    origin: textIn(traceparent),
    attributes: {
      'messaging.message.id': textIn(task_id),
      'messaging.batch.message_count': Array.isArray(tasks) ? tasks.length : undefined,
    },
  };
  return inSpan(subject, async (span) => {
    const isToName = type === 'send' && traceparent === undefined && span.traceparent !== undefined;
    const answer = await send(isToName ? { ...input, traceparent: span.traceparent } : input);
    span.set({ 'messaging.message.id': textIn((answer as Fields)['task_id']) });
    return answer;
  });
}

const textIn = (value: unknown) => (typeof value === 'string' ? value : undefined);
