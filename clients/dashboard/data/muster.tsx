import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { useMutation, useQuery, useQueryClient, type Query } from '@tanstack/react-query';
import { MusterClient } from '#clients/sdk/client.ts';
import { MusterError } from '#clients/sdk/muster-error.ts';
import type { InputOf, OperationName, OutputOf } from '#clients/sdk/operation-methods.ts';
import type { Scope } from '#shared/contract/operation.ts';
import { nextPollMs } from '../view/polling.ts';
import { isTemporary, noteAnswer, noteError, troubleOf } from './connection.ts';
import { timedFetch } from './server-clock.ts';

/** How long to wait for a response, in milliseconds. */
const timeoutMs = 15_000;

export interface Session {
  client: MusterClient;
  /** Ends the session; if the key was refused, with the reason. */
  signOut: (reason?: string) => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('There is no session.');
  return session;
}

/** Polling decides when to retry, so each request is sent once. */
export const clientOf = (key: string) =>
  new MusterClient({ url: location.origin, key, fetch: timedFetch, retries: 0, timeoutMs });

const isRefusedKey = (error: unknown): error is MusterError => error instanceof MusterError && error.status === 401;

/** The message of a failed operation for the user. */
export const messageOf = (error: unknown) =>
  error instanceof MusterError ? `${error.detail} ${error.hint}` : String(error);

export interface LiveOptions<Output> {
  /** Whether the response can change at any moment; true by default. */
  moves?: (output: Output) => boolean;
  /** False: the response cannot change and is not requested again. */
  live?: boolean;
  enabled?: boolean;
  /** The minimum interval between two polls of an expensive response, in milliseconds. */
  atLeastMs?: (output: Output) => number;
}

/** The response of a read operation, polled while the page is visible. */
export function useLive<Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
  { moves = () => true, live = true, enabled = true, atLeastMs = () => 0 }: LiveOptions<OutputOf<Name>> = {},
) {
  const call = useCall();
  return useQuery<OutputOf<Name>>({
    queryKey: [name, input],
    queryFn: ({ signal }) => call(name, input, signal),
    enabled,
    refetchInterval: ({ state: { data, error } }: Query<OutputOf<Name>>) => {
      if (data === undefined) return pollMs(name, error === null || isTemporary(error));
      return live && Math.max(pollMs(name, moves(data)), atLeastMs(data));
    },
  });
}

/** Milliseconds until the next poll of an operation. */
export const pollMs = (name: OperationName, moves: boolean) => nextPollMs({ ...troubleOf(name), moves });

/** Performs an operation with the key of this session; a refused key ends the session. */
export function useCall() {
  const { client, signOut } = useSession();
  return async <Name extends OperationName>(name: Name, input: InputOf<Name>, signal?: AbortSignal) => {
    try {
      const output = await client.call(name, input, { signal });
      noteAnswer(name);
      return output;
    } catch (error) {
      if (isRefusedKey(error)) signOut(error.detail);
      noteError(name, error);
      throw error;
    }
  };
}

/** An operation that changes something; afterwards everything on the page is requested again. */
export function useChange<Name extends OperationName>(name: Name) {
  const call = useCall();
  const queries = useQueryClient();
  return useMutation<OutputOf<Name>, Error, InputOf<Name>>({
    mutationFn: (input) => call(name, input),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** The signed-in caller. */
export const useCaller = () => useLive('get_caller', {}, { live: false });

/** Whether the key of this session has a scope: what requires it is only offered then. */
export function useMay(scope: Scope): boolean {
  return useCaller().data?.scopes.includes(scope) ?? false;
}

/** Queue and agents: every page requests them, and all parts of a page share one response. */
export const useHealth = () => useLive('get_health', {}, { moves: hasWork });

/** Whether a task is with an agent, or could be. */
export const hasWork = ({ queue }: Pick<OutputOf<'get_health'>, 'queue'>) =>
  queue.pending + queue.assigned + queue.running > 0;
