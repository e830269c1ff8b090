import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayResponse } from './response.ts';

/** `CorsConfiguration` of an HTTP API. */
export interface CorsConfiguration {
  AllowOrigins: string[];
  AllowMethods: string[];
  AllowHeaders: string[];
  ExposeHeaders: string[];
  MaxAge?: number | undefined;
}

/**
 * Which pages of other origins may call an HTTP API. API Gateway rejects nothing: if a request is not allowed, it omits
 * the headers that the browser requires.
 */
export class Cors {
  readonly #configuration: CorsConfiguration;

  constructor(configuration: CorsConfiguration) {
    this.#configuration = configuration;
  }

  /** The response to OPTIONS, whatever routes exist: 204, with the allow headers if everything requested is allowed. */
  preflight(headers: IncomingHttpHeaders): GatewayResponse {
    const { AllowMethods, AllowHeaders, MaxAge } = this.#configuration;
    const origin = this.#allowedOrigin(headers.origin);
    const method = headers['access-control-request-method'];
    const asked = listed(headers['access-control-request-headers']);
    const allowed =
      origin !== undefined &&
      method !== undefined &&
      includes(AllowMethods, method) &&
      asked.every((name) => includes(AllowHeaders, name));
    return {
      status: 204,
      headers: allowed
        ? {
            'access-control-allow-origin': origin,
            'access-control-allow-methods': AllowMethods.join(','),
            'access-control-allow-headers': AllowHeaders.join(','),
            ...(MaxAge !== undefined && { 'access-control-max-age': String(MaxAge) }),
          }
        : {},
      body: Buffer.alloc(0),
    };
  }

  /** A function's response; its own CORS headers are ignored. */
  ofFunction({ headers, ...response }: GatewayResponse, requested: IncomingHttpHeaders): GatewayResponse {
    const { ExposeHeaders } = this.#configuration;
    const others = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'));
    const origin = this.#allowedOrigin(requested.origin);
    return {
      ...response,
      headers: {
        ...Object.fromEntries(others),
        ...(origin !== undefined && {
          'access-control-allow-origin': origin,
          ...(ExposeHeaders.length > 0 && { 'access-control-expose-headers': ExposeHeaders.join(',') }),
        }),
      },
    };
  }

  /** The value of the allow-origin header, if the origin is allowed. */
  #allowedOrigin(origin: string | undefined): string | undefined {
    const { AllowOrigins } = this.#configuration;
    if (origin === undefined) return undefined;
    if (AllowOrigins.includes('*')) return '*';
    const [scheme = ''] = origin.split('://');
    return AllowOrigins.includes(`${scheme}://*`) || includes(AllowOrigins, origin) ? origin : undefined;
  }
}

const listed = (header: string | undefined) =>
  header === undefined ? [] : header.split(',').map((name) => name.trim());

const includes = (allowed: readonly string[], value: string) =>
  allowed.some((one) => one === '*' || one.toLowerCase() === value.toLowerCase());
