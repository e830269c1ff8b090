/** A location in the dashboard. All of it is in the URL fragment, so that one file serves every page. */
export interface Address {
  /** `/tasks/01K...` */
  path: string;
  /** `status=failed&priority=high`, without the question mark. */
  query: string;
}

/** @param hash of the location, with or without its `#` */
export function parseAddress(hash: string): Address {
  const [path = '', ...query] = hash.replace(/^#/, '').split('?');
  return { path: path.startsWith('/') ? path : '/', query: query.join('?') };
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The link to a page. Empty filters are omitted. */
export function hrefOf(path: string, query: Query = {}): string {
  const text = queryOf(query);
  return `#${path}${text === '' ? '' : `?${text}`}`;
}

/** The query of a URL; lists are separated by commas. */
export function queryOf(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] => {
    const text = value === undefined ? '' : typeof value === 'string' ? value : value.join(',');
    return text === '' ? [] : [[name, text]];
  });
  return new URLSearchParams(given).toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
}

export const taskHref = (taskId: string) => hrefOf(`/tasks/${encodeURIComponent(taskId)}`);
export const agentHref = (agentId: string) => hrefOf(`/agents/${encodeURIComponent(agentId)}`);
export const graphHref = (graphId: string) => hrefOf(`/graphs/${encodeURIComponent(graphId)}`);

/**
 * The key in the fragment of a sign-in link; undefined for any other fragment.
 * @param hash `#key=mst_...`
 */
export function keyIn(hash: string): string | undefined {
  return /^#key=(mst_[\w-]+)$/.exec(hash)?.[1];
}
