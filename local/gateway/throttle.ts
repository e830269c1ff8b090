/** So many requests a second, and so many at once. */
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
 * What API Gateway admits of the requests to a stage: a route with limits of its own has a bucket of its own, and whatever it
 * admits counts for the stage too. AWS only says that a route's limits override the stage's; this is the stricter reading, under
 * which the routes without limits share what the others leave. A request that its route refuses takes nothing from them.
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
