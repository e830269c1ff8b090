import * as z from 'zod';
import { lazy } from './lazy.ts';
import { limits } from './limits.ts';
import { type Code, codes } from './problem.ts';
import { asProse, wholeMs, wholePercent } from './prose.ts';
import { isTraceparent, traceparentPattern } from './trace-context.ts';

const utf8 = new TextEncoder();
const bytes = (text: string) => utf8.encode(text).length;

// eslint-disable-next-line no-control-regex -- refusing control characters is the point
const controlCharacters = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

/** Text kept verbatim: not empty, at most `maximum` bytes, no control characters except tabs and line breaks. */
export const text = (maximum: number) =>
  z
    .string()
    .min(1)
    .refine(
      (value) => !controlCharacters.test(value),
      'must not contain control characters other than tabs and line breaks',
    )
    .refine((value) => bytes(value) <= maximum, {
      error: ({ input }) => `must be at most ${maximum} bytes of UTF-8, not ${bytes(input as string)}`,
    });

const proseFields = z.registry<{ isProse: true }>();

/** Text that only people read: see prose.ts. */
const prose = (maxLength: number) =>
  z
    .string()
    .overwrite((value) => asProse(value, maxLength))
    .register(proseFields, { isProse: true });

/** Whether invalid text is corrected instead of refused. */
export const isProse = (schema: z.ZodType) => proseFields.get(schema) !== undefined;

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/**
 * Any JSON value. Not z.json(): the input has just been parsed from JSON, and walking every result again costs time.
 */
export const Json = lazy(() => z.unknown().meta({ description: 'Any JSON value' }) as unknown as z.ZodType<Json>);

/** Any JSON value of at most `maximum` bytes when serialized, nested at most 32 deep. */
export const json = (maximum: number) => bounded(Json(), maximum);

const jsonObject = (maximum: number) => bounded(z.record(z.string(), Json()), maximum);

function bounded<T extends z.ZodType>(schema: T, maximum: number): T {
  return schema
    .refine((value) => jsonDepthOf(value) <= limits.jsonDepth, tooDeep)
    .refine((value) => jsonBytes(value) <= maximum, {
      error: ({ input }) => `must be at most ${maximum} bytes of JSON, not ${jsonBytes(input)}`,
    });
}

const tooDeep = `must be nested at most ${limits.jsonDepth} levels deep`;
const jsonBytes = (value: unknown) => bytes(JSON.stringify(value));

function jsonDepthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, jsonDepthOf(inner));
  return deepest + 1;
}

export const Name = lazy(() =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,63}$/,
      'must start with a letter or digit and have at most 64 letters, digits, "_", ".", ":", "@" and "-"',
    ),
);
export const TaskId = lazy(() => Name().meta({ description: 'Task id', examples: ['01KAPV5GQX8D5T9W3YB7R2M4ZC'] }));
export const AgentId = lazy(() => Name().meta({ description: 'Agent id', examples: ['researcher_bot'] }));
export const InstanceId = lazy(() =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{4,16}$/, 'must be 4 to 16 letters, digits, "_" and "-"')
    .meta({
      description: 'Names the process that runs the agent: random, chosen when the process starts',
      examples: ['k3j9x2mw'],
    }),
);
const kindOfWork = lazy(() =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_.:@+#/-]{0,63}$/,
      'must start with a letter or digit and have at most 64 letters, digits, "_", ".", ":", "@", "+", "#", "/" and "-"',
    ),
);
export const TaskType = lazy(() =>
  kindOfWork().meta({ description: 'Kind of work, for filtering', examples: ['research'] }),
);
export const Capability = lazy(() => kindOfWork().meta({ description: 'Capability name', examples: ['python'] }));
export const MaxConcurrentTasks = lazy(() => z.int().min(1).max(100));
export const Requirements = lazy(() =>
  z.array(Capability()).max(limits.requirements).meta({ description: 'Capabilities that an agent needs, all of them' }),
);
export const Instant = lazy(() =>
  z.iso
    .datetime({ offset: true, error: 'must be an RFC 3339 timestamp such as 2026-11-10T09:00:00Z' })
    .meta({ description: 'RFC 3339 timestamp' }),
);
const instantOrSeconds = 'must be an RFC 3339 timestamp such as 2026-11-10T09:00:00Z, or whole seconds since 1970';
export const InstantOrSeconds = lazy(() =>
  z
    .union(
      [
        z.iso.datetime({ offset: true, error: instantOrSeconds }),
        z.int(instantOrSeconds).min(0, instantOrSeconds).max(9_999_999_999, instantOrSeconds),
      ],
      instantOrSeconds,
    )
    .meta({ description: 'RFC 3339 timestamp, or whole seconds since 1970' }),
);

export const Status = lazy(() =>
  z.enum(['waiting', 'pending', 'assigned', 'running', 'completed', 'failed', 'blocked', 'cancelled']),
);
export type Status = z.infer<ReturnType<typeof Status>>;
/** One status or several; always parsed to a list, in the same order for the same set. */
export const Statuses = lazy(() =>
  z
    .union([Status(), z.array(Status()).min(1).max(Status().options.length)])
    .transform((given) => [...new Set([given].flat())].sort()),
);
export const Priority = lazy(() => z.enum(['low', 'medium', 'high', 'critical']));
export type Priority = z.infer<ReturnType<typeof Priority>>;
export const Routing = lazy(() => z.enum(['auto', 'manual']));
export type Routing = z.infer<ReturnType<typeof Routing>>;
export const DependencyPolicy = lazy(() => z.enum(['block', 'cancel', 'run_anyway']));
export type DependencyPolicy = z.infer<ReturnType<typeof DependencyPolicy>>;
export const Attempt = lazy(() =>
  z.int().min(1).meta({
    description:
      'The attempt number that came with the task, a fencing token: reports for an earlier attempt are refused',
  }),
);

const notTraceparent = 'must be a W3C traceparent such as 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

export const Content = lazy(() => text(limits.contentBytes).meta({ description: 'The work to do' }));
export const Title = lazy(() =>
  text(limits.titleLength * 4)
    .max(limits.titleLength)
    .regex(/^[^\t\r\n]*\S[^\t\r\n]*$/, 'must be a single line and not blank')
    .meta({ description: 'Shown in lists; defaults to the first line of content, shortened' }),
);
export const Result = lazy(() => json(limits.resultBytes).meta({ description: 'Any JSON value' }));
export const ErrorText = lazy(() => prose(limits.errorLength));
export const Reason = lazy(() => prose(limits.reasonLength));
export const DurationMs = lazy(() => z.number().overwrite(wholeMs));
export const Traceparent = lazy(() =>
  z
    .string()
    .regex(traceparentPattern, notTraceparent)
    .refine(isTraceparent, notTraceparent)
    .meta({
      description: 'W3C trace context that the task belongs to; defaults to the traceparent of the request',
      examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    }),
);
export const Metadata = lazy(() => jsonObject(limits.metadataBytes));
export const Metrics = lazy(() =>
  bounded(z.object({ duration_ms: DurationMs().optional() }).catchall(Json()), limits.metricsBytes),
);
export const Progress = lazy(() =>
  z.strictObject({
    percent: z.number().overwrite(wholePercent).optional(),
    message: prose(limits.progressMessageLength).optional(),
  }),
);
export const Limit = (fallback: number, maximum: number = limits.pageSize) =>
  z.int().min(1).max(maximum).default(fallback);
export const Cursor = lazy(() => z.string().min(1).max(2048).meta({ description: 'next_cursor of the previous page' }));

export const AgentHealth = lazy(() =>
  z
    .object({
      agent_id: AgentId(),
      status: z.enum(['healthy', 'degraded', 'stale', 'draining', 'left']),
      success_rate: z.number().meta({ description: 'completed / (completed + failed); 1 without outcomes' }),
      avg_completion_ms: z.number().meta({ description: 'Mean duration of completed tasks; 0 without outcomes' }),
      total_completed: z.int(),
      total_failed: z.int(),
      max_concurrent_tasks: z.int(),
      load: z.int().meta({ description: 'Slots in use' }),
      last_seen_at: Instant(),
    })
    .meta({ id: 'AgentHealth' }),
);
export type AgentHealth = z.infer<ReturnType<typeof AgentHealth>>;

export const Agent = lazy(() =>
  z
    .object({
      agent_id: AgentId(),
      state: z.enum(['active', 'draining', 'leaving', 'left']).meta({
        description:
          'active: takes work; draining: gets no new work until it is resumed; leaving: being deregistered; left: stopped, gets no work until it registers again',
      }),
      capabilities: z.array(
        z.object({
          name: Capability(),
          confidence: z.number().meta({ description: 'From 0 to 1: the initial value, adjusted by outcomes' }),
          source: z.enum(['declared', 'learned']),
          completed: z.int().meta({ description: 'Completed tasks that required it' }),
          failed: z.int().meta({ description: 'Failed tasks that required it' }),
        }),
      ),
      max_concurrent_tasks: z.int(),
      load: z.int(),
      holding: z.array(z.object({ task_id: TaskId() })).meta({ description: 'Tasks that the agent holds' }),
      instance: z
        .object({ id: InstanceId(), since: Instant(), host: z.string().optional() })
        .optional()
        .meta({ description: 'The process that runs the agent, if it registered with an instance' }),
      metadata: z.record(z.string(), Json()).optional(),
      registered_at: Instant(),
      health: AgentHealth(),
    })
    .meta({ id: 'Agent' }),
);
export type Agent = z.infer<ReturnType<typeof Agent>>;

export const Role = lazy(() => z.enum(['admin', 'producer', 'agent', 'viewer']));
export type Role = z.infer<ReturnType<typeof Role>>;

/** The schema of a problem; not in problem.ts, so that functions that only refuse do not load zod. */
export const ProblemBody = lazy(() =>
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      instance: z.string().optional(),
      code: z.enum(Object.keys(codes) as [Code, ...Code[]]),
      hint: z.string(),
      errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    })
    .meta({
      id: 'Problem',
      examples: [
        {
          type: 'urn:muster:problem:invalid_input',
          title: 'Invalid input',
          status: 422,
          detail: '/content: is missing.',
          code: 'invalid_input',
          hint: 'Fix the fields listed in `errors`; nothing was changed.',
          instance: 'JKJaXmPLvHcESHA=',
          errors: [{ pointer: '/content', message: 'is missing' }],
        },
      ],
    }),
);
