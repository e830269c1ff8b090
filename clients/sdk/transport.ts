import { errorFrom, MusterError } from './muster-error.ts';
import type { CallOptions } from './call-options.ts';
import { quiet, type Logger } from './logger.ts';
import { backoffMs, pause } from './pause.ts';
import type { MusterRequest } from './request.ts';

/** Which Muster a client connects to, and how. */
export interface ClientOptions {
  /** URL of Muster, for example http://127.0.0.1:4800. */
  url: string;
  /** `mst_...` */
  key: string;
  /** Replaces the global fetch, for example to trace requests. */
  fetch?: typeof fetch;
  /** How often a failed request is retried, if that is safe. Default: 4. */
  retries?: number;
  /** How long to wait for a response, in milliseconds. Default: 30,000, the maximum of API Gateway. */
  timeoutMs?: number;
  /**
   * Receives each response (`debug`), each retry with its delay, and each refusal (`warn`); for example `console`. It
   * never sees the key. Default: no logging.
   */
  logger?: Logger;
}

/** Whether to wait longer than this, in seconds, is up to the caller. */
const longestRetryAfter = 60;

/** Sends requests, and retries them if that is safe and may help. */
export class Transport {
  readonly #url: string;
  readonly #key: string;
  readonly #fetch: typeof fetch;
  readonly #retries: number;
  readonly #timeoutMs: number;
  readonly #log: Logger;

  constructor(options: ClientOptions) {
    if (!URL.canParse(options.url))
      throw new TypeError(`url must be an address such as http://host:port, not "${options.url}".`);
    this.#url = options.url.replace(/\/+$/, '');
    this.#key = options.key;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#retries = options.retries ?? 4;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#log = options.logger ?? quiet;
  }

  /**
   * Returns the body of the response.
   * @throws MusterError; the reason of the signal
   */
  async send(request: MusterRequest, { signal, onRetry, ...options }: CallOptions): Promise<unknown> {
    const { retries = this.#retries, timeoutMs = this.#timeoutMs } = options;
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#sendOnce(request, timeoutMs, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof MusterError)) throw error;
        if (failures > retries || !mayRepeat(request, error)) {
          this.#log.warn(error.message);
          throw error;
        }
        const waitMs = (error.retryAfter ?? 0) * 1000 + backoffMs(failures);
        this.#log.warn(`Retrying in ${Math.round(waitMs)} ms: ${error.message}`);
        onRetry?.(error);
        await pause(waitMs, signal);
      }
    }
  }

  async #sendOnce(request: MusterRequest, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> {
    const { operation, method, path, body } = request;
    const timeout = AbortSignal.timeout(timeoutMs);
    const begin = performance.now();
    const init: RequestInit = {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    };
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#url + path, init);
      text = await response.text();
    } catch (cause) {
      const detail = `${this.#url} did not respond${timeout.aborted ? ` within ${timeoutMs} ms` : ''}.`;
      throw new MusterError({
        operation,
        code: 'no_answer',
        detail,
        hint: 'Check that Muster is running there.',
        cause,
      });
    }
    const took = Math.round(performance.now() - begin);
    this.#log.debug(`${operation}: ${method} ${path} ${response.status} in ${took} ms`);
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer;
    throw errorFrom(operation, response, answer ?? text);
  }
}

/** 429 means that nothing was done; a request with any other failure may have had an effect. */
function mayRepeat({ repeatable }: MusterRequest, error: MusterError): boolean {
  if ((error.retryAfter ?? 0) > longestRetryAfter) return false;
  return error.status === 429 || (repeatable && error.isTemporary);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
