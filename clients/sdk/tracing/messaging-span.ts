import type { Attributes, SpanContext } from '@opentelemetry/api';
import { openTelemetry } from './open-telemetry.ts';

/** The subject of a span, in terms of OpenTelemetry's messaging conventions: a task is a message. */
interface SpanSubject {
  /** The operation, for example create_task. */
  operation: string;
  type: 'send' | 'process' | 'settle';
  /** The type of the task. */
  destination?: string | undefined;
  /** The traceparent that the task was created with; processing continues its trace. */
  origin?: string | undefined;
  attributes?: Attributes;
}

/** An open span. */
export interface MessagingSpan {
  /** Its trace context, for others to continue; undefined without tracing. */
  readonly traceparent: string | undefined;
  set(attributes: Attributes): void;
  fail(error: unknown): void;
  /** Runs a function within the span, even after the span has ended. */
  within<T>(run: () => T): T;
}

/** The span without tracing. */
export const noSpan: MessagingSpan = {
  traceparent: undefined,
  set: () => undefined,
  fail: () => undefined,
  within: (run) => run(),
};

/** Runs a function in its own span; an error is recorded and rethrown. Without OpenTelemetry, just runs it. */
export async function inSpan<T>(subject: SpanSubject, run: (span: MessagingSpan) => Promise<T>): Promise<T> {
  const api = openTelemetry();
  if (api === undefined) return run(noSpan);
  const { operation, type, destination, origin, attributes } = subject;
  const creation = origin === undefined ? undefined : contextOf(origin);
  const around = api.context.active();
  const parent = creation !== undefined && type === 'process' ? api.trace.setSpanContext(around, creation) : around;
  const span = api.trace.getTracer('muster').startSpan(
    destination === undefined ? operation : `${operation} ${destination}`,
    {
      kind: { send: api.SpanKind.PRODUCER, process: api.SpanKind.CONSUMER, settle: api.SpanKind.CLIENT }[type],
      attributes: {
        'messaging.system': 'muster',
        'messaging.operation.name': operation,
        'messaging.operation.type': type,
        ...(destination !== undefined && { 'messaging.destination.name': destination }),
        ...attributes,
      },
      ...(creation && { links: [{ context: creation }] }),
    },
    parent,
  );
  const context = api.trace.setSpan(parent, span);
  const { traceId, spanId, traceFlags } = span.spanContext();
  const open: MessagingSpan = {
    traceparent: api.isSpanContextValid(span.spanContext())
      ? `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
      : undefined,
    set: (more) => void span.setAttributes(more),
    fail(error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setAttribute('error.type', typeOf(error));
      span.setStatus({ code: api.SpanStatusCode.ERROR });
    },
    within: (inside) => api.context.with(context, inside),
  };
  try {
    return await open.within(() => run(open));
  } catch (error) {
    open.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

function contextOf(traceparent: string): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  if (traceId.length !== 32 || spanId.length !== 16) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** A code of Muster, or else the name of the error's class. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
