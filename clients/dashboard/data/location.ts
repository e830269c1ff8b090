import { useSyncExternalStore } from 'preact/compat';
import { parseAddress, queryOf } from '../view/address.ts';

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

const pathNow = () => parseAddress(location.hash).path;
const queryNow = () => parseAddress(location.hash).query;

/** The path in the URL fragment, for wouter. */
export const useHashPath = (): [string, (path: string) => void] => [
  useSyncExternalStore(subscribe, pathNow),
  (path) => (location.hash = path),
];

/** The query in the URL fragment, for wouter. */
export const useHashQuery = () => useSyncExternalStore(subscribe, queryNow);

/** Changes the query of the current page. Replaces the history entry, because a filter is nothing to go back to. */
export function replaceQuery(query: Parameters<typeof queryOf>[0]): void {
  const text = queryOf(query);
  history.replaceState(history.state, '', `#${pathNow()}${text === '' ? '' : `?${text}`}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
