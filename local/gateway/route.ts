/** A parsed route such as `GET /v1/things/{id}`. */
export interface RoutePattern {
  routeKey: string;
  method: string;
  segments: string[];
}

export interface RouteMatch<T extends RoutePattern> {
  route: T;
  pathParameters: Record<string, string>;
}

export function parseRouteKey(routeKey: string): RoutePattern {
  const [method = '', path = ''] = routeKey.split(' ');
  return { routeKey, method, segments: path.split('/').slice(1) };
}

const isParameter = (segment: string): boolean => segment.startsWith('{');

/** Literal segments win over parameters, the leftmost difference decides, and then a specific method wins over ANY. */
function bySpecificity(left: RoutePattern, right: RoutePattern): number {
  const rank = ({ segments, method }: RoutePattern): string =>
    segments.map((segment) => (isParameter(segment) ? '1' : '0')).join('') + (method === 'ANY' ? '1' : '0');
  return rank(left).localeCompare(rank(right));
}

/** Finds the most specific route for a request. */
export class RouteTable<T extends RoutePattern> {
  readonly #routes: T[];

  constructor(routes: T[]) {
    this.#routes = routes.toSorted(bySpecificity);
  }

  /**
   * @param path as received, percent-encoded
   * @throws URIError if a path parameter cannot be decoded
   */
  match(method: string, path: string): RouteMatch<T> | undefined {
    const segments = path.split('/').slice(1);
    const route = this.#routes.find((candidate) => accepts(candidate, method, segments));
    if (!route) return undefined;
    const parameters = route.segments.flatMap((segment, at): [string, string][] =>
      isParameter(segment) ? [[segment.slice(1, -1), decodeURIComponent(segments[at] ?? '')]] : [],
    );
    return { route, pathParameters: Object.fromEntries(parameters) };
  }
}

function accepts(route: RoutePattern, method: string, segments: string[]): boolean {
  if (route.method !== method && route.method !== 'ANY') return false;
  if (route.segments.length !== segments.length) return false;
  return route.segments.every((segment, at) => (isParameter(segment) ? segments[at] !== '' : segment === segments[at]));
}
