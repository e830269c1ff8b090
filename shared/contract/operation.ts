import type * as z from 'zod';
import { lazy } from './lazy.ts';
import type { Code } from './problem.ts';
import type { Role } from './nouns.ts';

export type Scope = 'tasks:create' | 'tasks:manage' | 'tasks:work' | 'read' | 'agents:write' | 'keys:manage';

/** What each role may do. An agent's key writes only its own agent. */
export const scopesOf: Record<Role, readonly Scope[]> = {
  admin: ['tasks:create', 'tasks:manage', 'tasks:work', 'read', 'agents:write', 'keys:manage'],
  producer: ['tasks:create', 'tasks:manage', 'read'],
  agent: ['tasks:work', 'read', 'agents:write'],
  viewer: ['read'],
};

export type Method = 'GET' | 'POST' | 'DELETE';

/** What a call does: reads, adds or changes, or removes or replaces something that no other call restores. */
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
   * Name of the MCP tool; absent where the operation is not for models. Of rows that share a tool, the first whose required
   * fields are given is called.
   */
  tool?: string;
  effect: Effect;
  /** Whether repeating the call changes nothing more. */
  idempotent: boolean;
  scope: Scope | 'public';
  /**
   * Which part of the requests that a stage admits may be for this operation, from 0 to 1, so that no flood of one kind keeps agents
   * from their work. 1: it has no limit but the stage's.
   */
  share: number;
  /** HTTP status of success. */
  success: 200 | 201;
  /** Path parameters, query and body together, flat. */
  input: I;
  output: O;
  /** Codes of its own, beyond those that every operation has: input, key, scope, throttling. */
  refusals: readonly Code[];
}

/** Whether an agent's key does it only in the name of its own agent. */
export const isDoneAsAgent = ({ scope }: Pick<Operation, 'scope'>) =>
  scope === 'tasks:work' || scope === 'agents:write';

/** What the HTTP methods promise: the defaults of a row. */
const byMethod: Record<Method, Pick<Operation, 'effect' | 'idempotent'>> = {
  GET: { effect: 'read', idempotent: true },
  POST: { effect: 'write', idempotent: false },
  DELETE: { effect: 'destroy', idempotent: true },
};

/** What agents live by is never limited for the sake of anything else; what people and producers do often says so in its row. */
const shareOf = (scope: Operation['scope']) => {
  if (scope === 'tasks:work') return 1;
  return scope === 'keys:manage' ? 0.005 : 0.008;
};

type Derived = 'success' | 'effect' | 'idempotent' | 'share';

/** Schemas are built when they are first used. */
interface Schemas<I, O> {
  input: () => I;
  output: () => O;
}

/**
 * Declares an operation. Success is 200, effect and idempotent are what its method promises, and its share is that of its scope,
 * unless said otherwise.
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
