/**
 * Every way in which a request can be refused: the closed list of codes, each with its one HTTP status and title.
 * The hint says what to do next where the refusal itself does not know better.
 */
export const codes = {
  not_parsable: { status: 400, title: 'The body is not valid JSON', hint: 'Send one JSON object, encoded as UTF-8.' },
  unsupported_media_type: {
    status: 415,
    title: 'The content type is not supported',
    hint: 'Send content-type: application/json.',
  },
  too_large: {
    status: 413,
    title: 'The request is too large',
    hint: 'Keep the body under 1 MB; store large data elsewhere and send a reference.',
  },
  invalid_input: {
    status: 422,
    title: 'The input is not valid',
    hint: 'Mend the fields that errors names; nothing was changed.',
  },
  invalid_key: {
    status: 401,
    title: 'The key is not valid',
    hint: 'Send authorization: Bearer mst_<key id>_<secret>, with a key made by POST /v1/keys.',
  },
  expired_key: { status: 401, title: 'The key has expired', hint: 'Ask an admin for a new key.' },
  revoked_key: { status: 401, title: 'The key was revoked', hint: 'Ask an admin for a new key.' },
  missing_scope: { status: 403, title: 'The key may not do this', hint: 'Use a key whose role has the scope.' },
  other_agent: {
    status: 403,
    title: 'The key belongs to another agent',
    hint: 'Leave agent_id out, or name the agent that the key belongs to.',
  },
  task_not_found: {
    status: 404,
    title: 'There is no such task',
    hint: 'Check the id; finished tasks are deleted after the retention time.',
  },
  graph_not_found: {
    status: 404,
    title: 'There is no such graph',
    hint: 'Check the id; finished graphs are deleted after the retention time.',
  },
  agent_not_found: {
    status: 404,
    title: 'There is no such agent',
    hint: 'Register it with POST /v1/agents, or list agents with GET /v1/agents.',
  },
  key_not_found: { status: 404, title: 'There is no such key', hint: 'List keys with GET /v1/keys.' },
  stale_attempt: {
    status: 409,
    title: 'The task has moved on to a newer attempt',
    hint: 'Stop working on it: another agent has it or it has ended.',
  },
  not_holder: {
    status: 409,
    title: 'The agent does not hold the task',
    hint: 'Stop working on it and claim other work.',
  },
  not_pending: {
    status: 409,
    title: 'The task is not pending',
    hint: 'Ask GET /v1/tasks/{task_id}/explain what it waits for.',
  },
  not_due: { status: 409, title: 'The task must not be worked on yet', hint: 'Wait until its not_before.' },
  not_assigned: { status: 409, title: 'The task is not assigned', hint: 'Assign or claim it first.' },
  not_running: {
    status: 409,
    title: 'The task is not running',
    hint: 'Claim it, or start it when it is assigned to you, with POST /v1/tasks/{task_id}/start.',
  },
  not_retryable: {
    status: 409,
    title: 'The task has not failed',
    hint: 'Only failed and cancelled tasks can be retried.',
  },
  already_held: {
    status: 409,
    title: 'The task is already held by an agent',
    hint: 'Let the agent finish, or cancel the task.',
  },
  already_ended: {
    status: 409,
    title: 'The task has already ended',
    hint: 'Its outcome stands. If it failed or was cancelled, POST /v1/tasks/{task_id}/retry runs it again.',
  },
  task_cancelled: {
    status: 409,
    title: 'The task was cancelled',
    hint: 'Stop working on it; nothing needs to be reported.',
  },
  agent_at_capacity: {
    status: 409,
    title: 'The agent has no free slot',
    hint: 'Wait until it finishes a task, or choose another agent.',
  },
  agent_draining: { status: 409, title: 'The agent is draining', hint: 'Resume it, or choose another agent.' },
  too_many_capabilities: {
    status: 422,
    title: 'The agent has too many capabilities',
    hint: 'Register the agent again with fewer.',
  },
  not_capable: {
    status: 422,
    title: 'The agent lacks required capabilities',
    hint: 'Choose another agent, or set force to true.',
  },
  unknown_dependency: { status: 422, title: 'A dependency does not exist', hint: 'Create the dependencies first.' },
  dependency_cycle: {
    status: 422,
    title: 'The tasks depend on each other in a circle',
    hint: 'Remove one of the dependencies that errors names.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'The idempotency key was used with another body',
    hint: 'Send the same body, or use a new key.',
  },
  throttled: { status: 429, title: 'Too many requests', hint: 'Wait as long as Retry-After says.' },
  unavailable: {
    status: 503,
    title: 'Muster cannot answer just now',
    hint: 'Send the same request again after Retry-After; with an idempotency key that is safe.',
  },
  internal: { status: 500, title: 'Muster failed', hint: 'This is a bug: report it with the instance.' },
} as const satisfies Record<string, { status: number; title: string; hint: string }>;

export type Code = keyof typeof codes;

/** The wire form of a refusal: RFC 9457, with a code for programs and a hint for whoever must mend the call. */
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

/** The one way to say no: a code of the closed list, and in one sentence what was wrong. */
export class Refusal extends Error {
  readonly code: Code;
  readonly details: RefusalDetails;

  constructor(code: Code, detail: string, details: RefusalDetails = {}) {
    super(detail);
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
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

/** At most this many fields are named, and names are cut to this length, so that an answer stays small whatever was sent. */
const namedFields = 50;
const nameLength = 100;

/** The JSON Pointer (RFC 6901) of a field of the input. */
export function pointerTo(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => String(step).slice(0, nameLength).toWellFormed());
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The refusal of an input, with what is wrong with which of its fields. */
export function invalidInput(
  wrong: readonly { path: readonly PropertyKey[]; message: string }[],
  details: Pick<RefusalDetails, 'hint'> = {},
): Refusal {
  const errors = wrong.slice(0, namedFields).map(({ path, message }) => ({ pointer: pointerTo(path), message }));
  const [first] = errors;
  const detail = first ? `${first.pointer || 'The input'}: ${first.message}` : 'The input is not valid.';
  return new Refusal('invalid_input', detail, { ...details, errors });
}
