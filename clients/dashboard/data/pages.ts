import { useInfiniteQuery } from '@tanstack/react-query';
import type { InputOf, OutputOf } from '#clients/sdk/operation-methods.ts';
import { pollMs, useCall } from './muster.tsx';

/** The operations that respond page by page. */
type ListOperation = 'query_tasks' | 'find_agents' | 'list_graphs' | 'list_dependents';

/**
 * A list that is loaded page by page on request. Only a single page is refreshed: with more, each poll would request
 * all of them.
 * @param moves whether the contents of a page can change at any moment
 */
export function usePages<Name extends ListOperation>(
  name: Name,
  input: InputOf<Name>,
  moves: (page: OutputOf<Name>) => boolean,
) {
  const call = useCall();
  const query = useInfiniteQuery({
    queryKey: [name, 'pages', input],
    queryFn: ({ pageParam: cursor, signal }) => call(name, { ...(input as object), ...(cursor && { cursor }) }, signal),
    initialPageParam: '',
    getNextPageParam: (page: OutputOf<Name>) => (page as { next_cursor?: string }).next_cursor,
    refetchInterval: ({ state: { data } }) => {
      const [first, ...others] = data?.pages ?? [];
      return others.length === 0 && pollMs(name, first === undefined || moves(first));
    },
    refetchOnWindowFocus: ({ state: { data } }) => (data?.pages.length ?? 0) <= 1,
  });
  return { ...query, pages: query.data?.pages, isPaused: (query.data?.pages.length ?? 0) > 1 };
}
