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

/** How long to wait for one answer, in milliseconds. */
const timeoutMs = 15_000;

export interface Session {
  client: MusterClient;
  /** Ends the session; a refused key says why. */
  signOut: (reason?: string) => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('There is no session.');
  return session;
}

/** Polls decide when to ask again: a request is sent once. */
export const clientOf = (key: string) =>
  new MusterClient({ url: location.origin, key, fetch: timedFetch, retries: 0, timeoutMs });

const isRefusedKey = (error: unknown): error is MusterError => error instanceof MusterError && error.status === 401;

/** What a failed operation says to a person. */
export const messageOf = (error: unknown) =>
  error instanceof MusterError ? `${error.detail} ${error.hint}` : String(error);

export interface LiveOptions<Output> {
  /** Whether the answer can change any moment; by default it can. */
  moves?: (output: Output) => boolean;
  /** False: the answer cannot change, and once it is there it is not asked for again. */
  live?: boolean;
  enabled?: boolean;
  /** The shortest time between two polls, in milliseconds, of an answer that costs more than others. */
  atLeastMs?: (output: Output) => number;
}

/** The answer of an operation that reads, asked for again and again while the page is visible. */
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

/** Milliseconds until the next poll of an operation, as things are now. */
export const pollMs = (name: OperationName, moves: boolean) => nextPollMs({ ...troubleOf(name), moves });

/** Performs an operation in the name of this session; a refused key ends it. */
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

/** An operation that changes something; then everything that is shown is asked for again. */
export function useChange<Name extends OperationName>(name: Name) {
  const call = useCall();
  const queries = useQueryClient();
  return useMutation<OutputOf<Name>, Error, InputOf<Name>>({
    mutationFn: (input) => call(name, input),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** Who is signed in. */
export const useCaller = () => useLive('get_caller', {}, { live: false });

/** Whether the key of this session may do what needs a scope: only then is it offered. */
export function useMay(scope: Scope): boolean {
  return useCaller().data?.scopes.includes(scope) ?? false;
}

/** Queue and agents: asked for by every page, once for all that show a part of it. */
export const useHealth = () => useLive('get_health', {}, { moves: hasWork });

/** Whether a task is with an agent, or could be. */
export const hasWork = ({ queue }: Pick<OutputOf<'get_health'>, 'queue'>) =>
  queue.pending + queue.assigned + queue.running > 0;
