import { useEffect, useRef, useState } from 'preact/hooks';
import { useQueryClient } from '@tanstack/react-query';
import type { OutputOf } from '#clients/sdk/operation-methods.ts';
import { queryFor, type Filters } from '../view/filters.ts';
import { useCall } from './muster.tsx';

export type BulkOperation = 'cancel_tasks' | 'retry_tasks';

export interface BulkState {
  /** First counts the tasks to change, page by page, then changes them. */
  phase: 'counting' | 'counted' | 'changing' | 'stopped' | 'done';
  total: number;
  changed: number;
  refused: OutputOf<BulkOperation>['refused'];
  error: unknown;
}

const begin: BulkState = { phase: 'counting', total: 0, changed: 0, refused: [], error: undefined };

/**
 * Changes all tasks that match some filters, page by page: a dry run at once, the changes on request. After an error it
 * can continue where it stopped; leaving the page stops it.
 */
export function useBulk(name: BulkOperation, filters: Filters): { state: BulkState; run: () => void } {
  const call = useCall();
  const queries = useQueryClient();
  const [state, setState] = useState(begin);
  const left = useRef(new AbortController());
  /** The page to continue with; of the dry run until that is done. */
  const position = useRef<{ dryRun: boolean; cursor: string | undefined }>({ dryRun: true, cursor: undefined });

  const advance = async () => {
    const { signal } = left.current;
    const { dryRun } = position.current;
    setState((before) => ({ ...before, phase: dryRun ? 'counting' : 'changing', error: undefined }));
    try {
      do {
        const { cursor } = position.current;
        const input = { ...queryFor(filters), dry_run: dryRun, ...(cursor !== undefined && { cursor }) };
        const { changed, refused, next_cursor } = await call(name, input, signal);
        position.current.cursor = next_cursor;
        setState((before) => ({
          ...before,
          ...(dryRun
            ? { total: before.total + changed }
            : { changed: before.changed + changed, refused: [...before.refused, ...refused] }),
        }));
      } while (position.current.cursor !== undefined);
      position.current = { dryRun: false, cursor: undefined };
      setState((before) => ({ ...before, phase: dryRun ? 'counted' : 'done' }));
    } catch (error) {
      if (!signal.aborted) setState((before) => ({ ...before, phase: 'stopped', error }));
    }
    if (!dryRun) await queries.invalidateQueries();
  };
  const run = () => void advance();

  useEffect(() => {
    left.current = new AbortController();
    run();
    return () => left.current.abort();
  }, []);
  return { state, run };
}
