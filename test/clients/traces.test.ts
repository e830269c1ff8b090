/** One trace from the program that creates a task to the report of its result, as seen by OpenTelemetry. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll } from 'vitest';
import { MusterClient } from '#clients/sdk/index.ts';
import { PermanentError } from '#clients/sdk/worker/index.ts';
import { expect, test } from '../support/muster.ts';
import type { TestMuster } from '../support/test-muster.ts';
import { ended, skill, startAgent } from './working-agent.ts';

const exporter = new InMemorySpanExporter();

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
});
afterAll(() => {
  trace.disable();
  context.disable();
});

const clientOf = (muster: TestMuster) => new MusterClient({ url: muster.url, key: muster.keys.admin });

/** Runs a function in a span of the program. */
const inProgram = <T>(run: () => Promise<T>) =>
  trace.getTracer('program').startActiveSpan('program', async (span) => {
    const result = await run().finally(() => span.end());
    return { result, traceId: span.spanContext().traceId, spanId: span.spanContext().spanId };
  });

/** The spans of a trace by name, once there are this many. */
async function spansOf(traceId: string, count: number) {
  const spans = () => exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  await expect.poll(() => spans().map(({ name }) => name), { timeout: 30_000 }).toHaveLength(count);
  return new Map(spans().map((span) => [span.name, span]));
}

test('a task is sent, worked on and reported in one trace, with the tokens that its agent used', async ({ muster }) => {
  const requirements = [skill(muster)];
  const { result: task, traceId } = await inProgram(() =>
    clientOf(muster).createTask({ content: 'x', task_type: 'summary', requirements }),
  );
  const agent = startAgent(muster, {
    handler: ({ metrics }) => {
      metrics({ input_tokens: 1200, output_tokens: 80, model: 'any' });
      trace.getTracer('program').startSpan('chat').end();
      return 'done';
    },
  });
  const metrics = { input_tokens: 1200, output_tokens: 80, model: 'any' };
  expect(await ended(muster, task.task_id)).toMatchObject({ status: 'completed', metrics });

  const spans = await spansOf(traceId, 5);
  const [program, send, process, chat, report] = [
    'program',
    'create_task summary',
    'process summary',
    'chat',
    'complete_task',
  ].map((name) => spans.get(name));
  expect(send?.parentSpanContext?.spanId).toBe(program?.spanContext().spanId);
  expect(process?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
  expect(process?.links.map((link) => link.context.spanId)).toEqual([send?.spanContext().spanId]);
  expect(chat?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId);
  expect(report?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId);
  expect([send, process, report].map((span) => span?.kind)).toEqual([
    SpanKind.PRODUCER,
    SpanKind.CONSUMER,
    SpanKind.CLIENT,
  ]);
  const message = { 'messaging.system': 'muster', 'messaging.message.id': task.task_id };
  expect(send?.attributes).toEqual({
    ...message,
    'messaging.operation.name': 'create_task',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'summary',
  });
  expect(process?.attributes).toEqual({
    ...message,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'summary',
    'messaging.consumer.group.name': agent.id,
    'messaging.client.id': expect.any(String) as string,
    'muster.attempt': 1,
    'gen_ai.usage.input_tokens': 1200,
    'gen_ai.usage.output_tokens': 80,
  });
  expect(report?.attributes).toMatchObject({ ...message, 'messaging.operation.type': 'settle' });
});

test('a failure is recorded on the span; a trace named by the caller is kept and linked', async ({ muster }) => {
  const [traceId, spanId] = ['5'.repeat(32), '7'.repeat(16)];
  const traceparent = `00-${traceId}-${spanId}-01`;
  const { result: task, traceId: around } = await inProgram(() =>
    clientOf(muster).createTask({ content: 'x', requirements: [skill(muster)], traceparent }),
  );
  expect(task.traceparent).toBe(traceparent);
  const send = (await spansOf(around, 2)).get('create_task');
  expect(send?.links).toMatchObject([{ context: { traceId, spanId } }]);

  startAgent(muster, {
    handler: () => {
      throw new PermanentError('broken');
    },
  });
  await ended(muster, task.task_id);
  const process = (await spansOf(traceId, 2)).get('process general');
  expect(process?.parentSpanContext?.spanId).toBe(spanId);
  expect(process?.status.code).toBe(SpanStatusCode.ERROR);
  expect(process?.attributes['error.type']).toBe('PermanentError');
});

test('batches and graphs are sent in one span, their tasks in its trace; a refusal is recorded with its code', async ({
  muster,
}) => {
  const client = clientOf(muster);
  const tasks = ['a', 'b'].map((key) => ({ key, content: key, routing: 'manual' as const }));
  const { result: graph, traceId } = await inProgram(() => client.submitGraph({ tasks }));
  const sent = (await spansOf(traceId, 2)).get('submit_graph');
  expect(sent?.attributes['messaging.batch.message_count']).toBe(2);
  const { traceparent } = await muster.task(graph.tasks?.['a'] ?? '');
  expect(traceparent).toBe(`00-${traceId}-${sent?.spanContext().spanId}-01`);

  const refused = await inProgram(() =>
    client.completeTask({ task_id: muster.name('no'), result: 1 }).catch((error: unknown) => error),
  );
  const report = (await spansOf(refused.traceId, 2)).get('complete_task');
  expect(report?.attributes['error.type']).toBe('task_not_found');
});
