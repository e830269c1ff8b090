/** Requests per second, and the burst. */
export interface ThrottleLimits {
  rate: number;
  burst: number;
}

/** A token bucket on real time. */
class TokenBucket {
  readonly #limits: ThrottleLimits;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  constructor(limits: ThrottleLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#tokens = limits.burst;
    this.#filledAt = now();
  }

  /** Takes a token if there is one. */
  take(): boolean {
    const now = this.#now();
    const { rate, burst } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/**
 * What API Gateway admits at a stage: a route with its own limits has its own bucket, and what it admits also counts
 * for the stage. AWS only documents that a route's limits override the stage's; this is the stricter reading, in which
 * routes without limits share what the others leave. A request rejected by its route's limit does not count for the
 * stage.
 */
export class Throttle {
  readonly #stage: TokenBucket;
  readonly #routes: ReadonlyMap<string, TokenBucket>;

  /**
   * @param routes limits by route key
   * @param now in milliseconds
   */
  constructor(
    stage: ThrottleLimits,
    routes: Readonly<Record<string, ThrottleLimits>>,
    now: () => number = () => performance.now(),
  ) {
    this.#stage = new TokenBucket(stage, now);
    this.#routes = new Map(Object.entries(routes).map(([key, limits]) => [key, new TokenBucket(limits, now)]));
  }

  admits(routeKey: string): boolean {
    return (this.#routes.get(routeKey)?.take() ?? true) && this.#stage.take();
  }
}
