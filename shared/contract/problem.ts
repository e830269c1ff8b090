import { asSentence } from './prose.ts';

/**
 * Every reason to refuse a request: the closed list of codes, each with one HTTP status and title. The hint says what
 * to do next, unless the refusal brings a more specific one.
 */
export const codes = {
  not_parsable: { status: 400, title: 'Body is not valid JSON', hint: 'Send one JSON object, encoded as UTF-8.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported content type',
    hint: 'Send content-type: application/json.',
  },
  too_large: {
    status: 413,
    title: 'Request too large',
    hint: 'Keep the body under 1 MB; store large data elsewhere and send a reference.',
  },
  invalid_input: {
    status: 422,
    title: 'Invalid input',
    hint: 'Fix the fields listed in `errors`; nothing was changed.',
  },
  invalid_key: {
    status: 401,
    title: 'Invalid API key',
    hint: 'Send authorization: Bearer mst_<key id>_<secret>. Create keys with POST /v1/keys.',
  },
  expired_key: { status: 401, title: 'API key expired', hint: 'Ask an admin for a new key.' },
  revoked_key: { status: 401, title: 'API key revoked', hint: 'Ask an admin for a new key.' },
  missing_scope: { status: 403, title: 'Insufficient scope', hint: 'Use a key with a role that has this scope.' },
  other_agent: {
    status: 403,
    title: 'Key belongs to another agent',
    hint: 'Omit agent_id, or use the agent that the key belongs to.',
  },
  capability_not_granted: {
    status: 403,
    title: 'Capability not granted',
    hint: 'Use only the capabilities that the key was created with, or ask an admin for another key.',
  },
  task_not_found: {
    status: 404,
    title: 'Task not found',
    hint: 'Check the id; ended tasks are deleted after the retention period.',
  },
  graph_not_found: {
    status: 404,
    title: 'Graph not found',
    hint: 'Check the id; ended graphs are deleted after the retention period.',
  },
  agent_not_found: {
    status: 404,
    title: 'Agent not found',
    hint: 'Register it with POST /v1/agents, or list agents with GET /v1/agents.',
  },
  key_not_found: { status: 404, title: 'Key not found', hint: 'List keys with GET /v1/keys.' },
  own_key: {
    status: 409,
    title: 'Key in use by this request',
    hint: 'Revoke it with another admin key: create one with POST /v1/keys, and check that it works first.',
  },
  stale_attempt: {
    status: 409,
    title: 'Stale attempt',
    hint: 'Stop working on it: the task was reassigned or has ended.',
  },
  not_holder: {
    status: 409,
    title: 'Agent does not hold the task',
    hint: 'Stop working on it and claim other work.',
  },
  not_pending: {
    status: 409,
    title: 'Task not pending',
    hint: 'GET /v1/tasks/{task_id}/explain shows what it is waiting for.',
  },
  not_due: { status: 409, title: 'Task not ready yet', hint: 'Wait until its not_before.' },
  not_assigned: { status: 409, title: 'Task not assigned', hint: 'Assign or claim it first.' },
  not_running: {
    status: 409,
    title: 'Task not running',
    hint: 'Claim it, or, if it is assigned to you, start it with POST /v1/tasks/{task_id}/start.',
  },
  not_retryable: {
    status: 409,
    title: 'Task not retryable',
    hint: 'Only failed and cancelled tasks can be retried.',
  },
  already_held: {
    status: 409,
    title: 'Task already held',
    hint: 'Wait for the agent to finish, or cancel the task.',
  },
  already_ended: {
    status: 409,
    title: 'Task already ended',
    hint: 'To run a failed or cancelled task again, use POST /v1/tasks/{task_id}/retry.',
  },
  task_cancelled: {
    status: 409,
    title: 'Task cancelled',
    hint: 'Stop working on it; no report is needed.',
  },
  agent_at_capacity: {
    status: 409,
    title: 'Agent at capacity',
    hint: 'Wait for a free slot, or choose another agent.',
  },
  agent_in_use: {
    status: 409,
    title: 'Agent id in use',
    hint: 'Wait until the other process stops or is silent for 60 seconds, or register with takeover=true to replace it.',
  },
  agent_replaced: {
    status: 409,
    title: 'Agent replaced',
    hint: 'Stop: another process runs this agent now. To run it here again, register again.',
  },
  agent_draining: { status: 409, title: 'Agent draining', hint: 'Resume it, or choose another agent.' },
  too_many_capabilities: {
    status: 422,
    title: 'Too many capabilities',
    hint: 'Register the agent with fewer capabilities.',
  },
  not_capable: {
    status: 422,
    title: 'Agent lacks required capabilities',
    hint: 'Choose another agent, or set force to true.',
  },
  too_many_lanes: {
    status: 422,
    title: 'Too many requirement sets in use',
    hint: 'Use one of the requirement sets that are in use, or raise the setting maxLanes. A set is no longer in use when no task with it has become ready for a day.',
  },
  unknown_dependency: { status: 422, title: 'Unknown dependency', hint: 'Create the dependencies first.' },
  dependency_cycle: {
    status: 422,
    title: 'Dependency cycle',
    hint: 'Remove one of the dependencies listed in `errors`.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'Idempotency key reused with a different body',
    hint: 'Send the same body, or use a new key.',
  },
  too_many_open_tasks: {
    status: 429,
    title: 'Too many open tasks',
    hint: 'Retry after the delay in Retry-After, when tasks have ended, or raise the setting maxOpenTasks.',
  },
  throttled: { status: 429, title: 'Too many requests', hint: 'Retry after the delay in Retry-After.' },
  unavailable: {
    status: 503,
    title: 'Service temporarily unavailable',
    hint: 'Retry after the delay in Retry-After; with an idempotency key this is safe.',
  },
  internal: { status: 500, title: 'Internal error', hint: 'This is a bug: report it and include the instance value.' },
} as const satisfies Record<string, { status: number; title: string; hint: string }>;

export type Code = keyof typeof codes;

/** The wire format of a refusal: RFC 9457, plus a code for programs and a hint that says how to fix the call. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string | undefined;
  code: Code;
  hint: string;
  errors?: { pointer: string; message: string }[] | undefined;
}

export interface RefusalDetails {
  hint?: string;
  errors?: { pointer: string; message: string }[];
  retryAfterSeconds?: number;
}

/** The maximum number of things that a problem lists, so that a response stays small whatever was sent. */
export const maxListed = 50;

/** The one way to refuse: a code from the closed list, and a sentence that says what is wrong. */
export class Refusal extends Error {
  readonly code: Code;
  readonly details: RefusalDetails;

  constructor(code: Code, detail: string, { errors, ...details }: RefusalDetails = {}) {
    const more = (errors?.length ?? 0) - maxListed;
    super(more > 0 ? `${detail} (At least ${more} more errors are not listed.)` : detail);
    this.name = 'Refusal';
    this.code = code;
    this.details = { ...details, ...(errors && { errors: errors.slice(0, maxListed) }) };
  }

  /** The problem document to send; `instance` names the request. */
  problem(instance?: string): Problem {
    const { status, title, hint } = codes[this.code];
    return {
      type: `urn:muster:problem:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      hint: this.details.hint ?? hint,
      ...(instance !== undefined && { instance }),
      ...(this.details.errors && { errors: this.details.errors }),
    };
  }
}

/** Field names are truncated to this length. */
const nameLength = 100;

/** The JSON Pointer (RFC 6901) of a field of the input. */
export function pointerTo(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => String(step).slice(0, nameLength).toWellFormed());
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Refuses an input and lists what is wrong with each field. */
export function invalidInput(
  wrong: readonly { path: readonly PropertyKey[]; message: string }[],
  details: Pick<RefusalDetails, 'hint'> = {},
): Refusal {
  const errors = wrong.map(({ path, message }) => ({ pointer: pointerTo(path), message }));
  const [first] = errors;
  // The hint follows it in logs and error messages.
  const detail = first ? asSentence(`${first.pointer || 'Input'}: ${first.message}`) : 'Invalid input.';
  return new Refusal('invalid_input', detail, { ...details, errors });
}
