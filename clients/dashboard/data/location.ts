import { useSyncExternalStore } from 'preact/compat';
import { parseAddress, queryOf } from '../view/address.ts';

function subscribe(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

const pathNow = () => parseAddress(location.hash).path;
const queryNow = () => parseAddress(location.hash).query;

/** The path in the fragment, for wouter. */
export const useHashPath = (): [string, (path: string) => void] => [
  useSyncExternalStore(subscribe, pathNow),
  (path) => (location.hash = path),
];

/** The query in the fragment, for wouter. */
export const useHashQuery = () => useSyncExternalStore(subscribe, queryNow);

/** Changes the query of the page that is shown. A filter is no place to go back to: it replaces the one before. */
export function replaceQuery(query: Parameters<typeof queryOf>[0]): void {
  const text = queryOf(query);
  history.replaceState(history.state, '', `#${pathNow()}${text === '' ? '' : `?${text}`}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
