import type * as z from 'zod';
import { lazy } from './lazy.ts';
import type { Code } from './problem.ts';
import type { Role } from './nouns.ts';

export type Scope = 'tasks:create' | 'tasks:manage' | 'tasks:work' | 'read' | 'agents:write' | 'keys:manage';

/** What each role may do. An agent's key can write only its own agent. */
export const scopesOf: Record<Role, readonly Scope[]> = {
  admin: ['tasks:create', 'tasks:manage', 'tasks:work', 'read', 'agents:write', 'keys:manage'],
  producer: ['tasks:create', 'tasks:manage', 'read'],
  agent: ['tasks:work', 'read', 'agents:write'],
  viewer: ['read'],
};

export type Method = 'GET' | 'POST' | 'DELETE';

/** What a call does: reads; adds or changes; or removes or replaces something that no other call can restore. */
export type Effect = 'read' | 'write' | 'destroy';

/** One row of the table of operations, from which every transport is derived. */
export interface Operation<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  Name extends string = string,
> {
  name: Name;
  /** One line, for lists. */
  summary: string;
  /** When to use it, and what it does not do. */
  description?: string;
  route: `${Method} /${string}`;
  /**
   * Name of the MCP tool; absent if the operation is not offered to models. If rows share a tool, the first one whose
   * required fields are given is called.
   */
  tool?: string;
  effect: Effect;
  /** Whether repeating the call changes nothing more. */
  idempotent: boolean;
  scope: Scope | 'public';
  /**
   * The share of a stage's request rate that this operation may use, from 0 to 1, so that a flood of one kind does not
   * keep agents from working. 1: limited only by the stage.
   */
  share: number;
  /** HTTP status on success. */
  success: 200 | 201;
  /** Path parameters, query and body combined in one flat object. */
  input: I;
  output: O;
  /** Its own refusal codes, beyond those of every operation (input, key, scope, throttling). */
  refusals: readonly Code[];
}

/** Whether an agent's key may call it only as its own agent. */
export const isDoneAsAgent = ({ scope }: Pick<Operation, 'scope'>) =>
  scope === 'tasks:work' || scope === 'agents:write';

/** What the HTTP methods promise: the defaults of a row. */
const byMethod: Record<Method, Pick<Operation, 'effect' | 'idempotent'>> = {
  GET: { effect: 'read', idempotent: true },
  POST: { effect: 'write', idempotent: false },
  DELETE: { effect: 'destroy', idempotent: true },
};

/**
 * What agents depend on is never limited in favor of anything else; frequent calls of people and producers have their
 * share in their row.
 */
const shareOf = (scope: Operation['scope']) => {
  if (scope === 'tasks:work') return 1;
  return scope === 'keys:manage' ? 0.005 : 0.008;
};

type Derived = 'success' | 'effect' | 'idempotent' | 'share';

/** Schemas are built on first use. */
interface Schemas<I, O> {
  input: () => I;
  output: () => O;
}

/**
 * Declares an operation. By default success is 200, effect and idempotent follow from the method, and the share from
 * the scope.
 */
export function operation<I extends z.ZodType, O extends z.ZodType, const Name extends string>({
  input,
  output,
  ...row
}: Omit<Operation<I, O, Name>, Derived | keyof Schemas<I, O>> &
  Partial<Pick<Operation<I, O, Name>, Derived>> &
  Schemas<I, O>): Operation<I, O, Name> {
  const method = row.route.slice(0, row.route.indexOf(' ')) as Method;
  const schemas = { input: lazy(input), output: lazy(output) };
  return {
    success: 200,
    share: shareOf(row.scope),
    ...byMethod[method],
    ...row,
    get input() {
      return schemas.input();
    },
    get output() {
      return schemas.output();
    },
  };
}
