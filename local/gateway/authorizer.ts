import type { Outcome } from '../host/instance.ts';
import { authorizerEvent } from './event.ts';
import type { GatewayEvent } from './event.ts';
import { refusals } from './response.ts';
import type { GatewayResponse } from './response.ts';

const maximumCached = 1_000;

export type Verdict = { context: unknown } | { refused: GatewayResponse };

export interface AuthorizerSettings {
  /** Lowercase names of the headers that identify the caller. */
  identityHeaders: string[];
  resultTtlSeconds: number;
  invoke: (event: unknown) => Promise<Outcome>;
}

/** A Lambda authorizer with simple responses, cached by identity for their time to live. */
export class Authorizer {
  readonly #settings: AuthorizerSettings;
  readonly #cache = new Map<string, { verdict: Verdict; until: number }>();

  constructor(settings: AuthorizerSettings) {
    this.#settings = settings;
  }

  /** @param now epoch milliseconds by the functions' clock, so that moving it expires cached responses */
  async authorize(event: GatewayEvent, now: number): Promise<Verdict> {
    const { identityHeaders, resultTtlSeconds, invoke } = this.#settings;
    const identity = identityHeaders.map((name) => event.headers[name] ?? '');
    if (identity.includes('')) return { refused: refusals.unauthorized };

    const key = JSON.stringify(identity);
    const known = this.#cache.get(key);
    if (known && known.until > now) return known.verdict;

    const outcome = await invoke(authorizerEvent(event, identity));
    if ('error' in outcome) return { refused: refusals.internal };
    const verdict = verdictOf(outcome.result);
    if (!verdict) return { refused: refusals.internal };
    if (resultTtlSeconds > 0) this.#keep(key, verdict, now + resultTtlSeconds * 1000);
    return verdict;
  }

  #keep(key: string, verdict: Verdict, until: number): void {
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined && this.#cache.size >= maximumCached) this.#cache.delete(oldest);
    this.#cache.set(key, { verdict, until });
  }
}

function verdictOf(result: string): Verdict | undefined {
  const answer = JSON.parse(result) as { isAuthorized?: unknown; context?: unknown } | null;
  if (answer?.isAuthorized === false) return { refused: refusals.forbidden };
  return answer?.isAuthorized === true ? { context: answer.context ?? {} } : undefined;
}
