import type { Chance } from '../support/random.ts';
import type { AwsCall, Fate } from './kernel/aws.ts';
import type { BusFaults } from './services/bus.ts';
import type { QueueFaults } from './services/queues.ts';
import type { StreamFaults } from './services/stream.ts';

/** The faults of one run, mostly as shares of all calls, messages or items. */
export interface Faults {
  throttled: number;
  lost: number;
  late: number;
  unanswered: number;
  killedBefore: number;
  killedAfter: number;
  paused: number;
  /**
   * Share of the calls at which a function other than the API loses its permissions for the service for some minutes.
   */
  denied: number;
  /** Share of the items in eventually consistent reads that are outdated, and by how much at most. */
  stale: number;
  maxLagMs: number;
  /** Share of the batches that are partly processed. */
  partial: number;
  /** The maximum difference between clocks. */
  skewMs: number;
  queue: QueueFaults;
  bus: BusFaults;
  stream: StreamFaults;
  sweepsMissed: number;
  sweepsDoubled: number;
  /** Shares of client requests that are lost, and of those whose responses are. */
  requestsLost: number;
  answersLost: number;
}

export const noFaults: Faults = {
  throttled: 0,
  lost: 0,
  late: 0,
  unanswered: 0,
  killedBefore: 0,
  killedAfter: 0,
  paused: 0,
  denied: 0,
  stale: 0,
  maxLagMs: 5000,
  partial: 0,
  skewMs: 0,
  queue: { loses: 0, repeats: 0, delays: 0, refuses: 0 },
  bus: { loses: 0, repeats: 0, delays: 0, refuses: 0 },
  stream: { repeats: 0, splits: 0 },
  sweepsMissed: 0,
  sweepsDoubled: 0,
  requestsLost: 0,
  answersLost: 0,
};

/**
 * Each run has some kinds of faults and not others, to find failures that only occur without the others
 * (https://www.cs.utah.edu/~regehr/papers/swarm12.pdf).
 */
export function chooseFaults(chance: Chance): Faults {
  const some = (most: number) => (chance.happens(0.5) ? chance.fraction() * most : 0);
  const messages = () => ({ loses: some(0.4), repeats: some(0.3), delays: some(0.3), refuses: some(0.05) });
  return {
    throttled: some(0.03),
    lost: some(0.02),
    late: some(0.02),
    unanswered: some(0.05),
    killedBefore: some(0.01),
    killedAfter: some(0.02),
    paused: some(0.01),
    denied: chance.happens(0.2) ? 0.001 : 0,
    stale: some(0.5),
    maxLagMs: noFaults.maxLagMs,
    partial: some(0.3),
    skewMs: chance.happens(0.5) ? 500 : 0,
    queue: messages(),
    bus: messages(),
    stream: { repeats: some(0.2), splits: some(0.02) },
    sweepsMissed: some(0.5),
    sweepsDoubled: some(0.3),
    requestsLost: some(0.05),
    answersLost: some(0.1),
  };
}

/** After the SDK's first retry, after all of them, and after the end of the request. */
const latenessMs = [3500, 12_000, 30_000];
const pausesMs = [3000, 12_000, 70_000, 400_000];

/** Decides the fate of each call. A call can also be given a fate, to try every fault at every call. */
export class FaultPlan {
  current: Faults;
  /** How outdated the current call's reads are, if not random. */
  nextLagMs: number | undefined;
  /** Until then, only one sweep in twenty runs. */
  fewSweepsUntil = 0;
  readonly #chance: Chance;
  #chosen: (call: AwsCall) => Fate | undefined;
  readonly #deniedUntil = new Map<string, number>();

  constructor(faults: Faults, chance: Chance, chosen: (call: AwsCall) => Fate | undefined = () => undefined) {
    this.current = faults;
    this.#chance = chance;
    this.#chosen = chosen;
  }

  /** Ends all faults. */
  stop(none: Faults): void {
    this.current = none;
    this.#chosen = () => undefined;
  }

  fateOf(call: AwsCall): Fate {
    const chosen = this.#chosen(call);
    if (chosen) return chosen;
    const chance = this.#chance;
    const { throttled, lost, late, unanswered, killedBefore, killedAfter, paused } = this.current;
    if (this.#isDenied(call)) return { is: 'denied' };
    if (chance.happens(throttled)) return { is: 'throttled' };
    if (chance.happens(lost)) return { is: 'lost' };
    if (chance.happens(late)) return { is: 'late', ms: chance.pick(latenessMs) };
    if (chance.happens(unanswered)) return { is: 'unanswered' };
    if (chance.happens(killedBefore)) return { is: 'killed before' };
    if (chance.happens(killedAfter)) return { is: 'killed after' };
    if (chance.happens(paused))
      return { is: chance.pick(['paused before', 'paused after']), ms: chance.pick(pausesMs) };
    return { is: 'well' };
  }

  /** Usually a few milliseconds, sometimes much more. */
  latencyMs(): number {
    const drawn = this.#chance.fraction();
    if (drawn < 0.7) return 1 + this.#chance.fraction() * 4;
    return drawn < 0.95 ? this.#chance.fraction() * 50 : this.#chance.fraction() * 500;
  }

  lagMs(): number {
    if (this.nextLagMs !== undefined) return this.nextLagMs;
    return this.#chance.happens(this.current.stale) ? this.#chance.fraction() * this.current.maxLagMs : 0;
  }

  done(items: number): number {
    return this.#chance.happens(this.current.partial) ? 1 + Math.floor(this.#chance.fraction() * items) : items;
  }

  skewMs(): number {
    return Math.round((this.#chance.fraction() - 0.5) * this.current.skewMs);
  }

  /** How often a due sweep runs. */
  sweeps(now: number): number {
    const { sweepsMissed, sweepsDoubled } = this.current;
    if (this.#chance.happens(now < this.fewSweepsUntil ? 0.95 : sweepsMissed)) return 0;
    return this.#chance.happens(sweepsDoubled) ? 2 : 1;
  }

  /** Every function except the API may lose its permissions for one service for a while. */
  #isDenied({ process, action }: AwsCall): boolean {
    const name = process.name.replace(/-\d+$/, serviceOf(action));
    const { now } = process.scheduler;
    if (name.startsWith('api')) return false;
    if (this.#chance.happens(this.current.denied)) {
      this.#deniedUntil.set(name, now + 60_000 + this.#chance.fraction() * 300_000);
    }
    return (this.#deniedUntil.get(name) ?? 0) > now && this.current.denied > 0;
  }
}

const serviceOf = (action: string) =>
  action.startsWith('Send') ? ' sqs' : action === 'PutEvents' ? ' events' : ' dynamodb';
