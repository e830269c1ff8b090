import { operations } from '#shared/contract/operations.ts';
import type { Clients } from './clients.ts';
import { draws, drawMove, interfering, producing, working, type Weights } from './moves.ts';

/** Now and then nobody calls for so long that leases, notes and memberships run out. */
const quietMs = [200_000, 1_200_000, 4_500_000];

interface Client {
  weights: Weights;
  moves: number;
  /** The agent that it is; absent where it is none. */
  agent?: string;
  namesHolding?: boolean;
}

/** Producers, agents and people who interfere, all at once and by chance. */
export async function randomProgram(clients: Clients): Promise<void> {
  for (const { name } of operations) if (!(name in draws)) throw new Error(`Add ${name} to program/moves.ts.`);
  await new RandomProgram(clients).run();
}

class RandomProgram {
  readonly #clients: Clients;
  /** How long clients wait between two calls, roughly: the shorter, the more they race. */
  readonly #paceMs: number;
  readonly #hasOddDurations: boolean;
  #quietUntil = 0;

  constructor(clients: Clients) {
    const { chance } = clients;
    this.#clients = clients;
    this.#hasOddDurations = chance.happens(0.1);
    this.#paceMs = chance.pick([50, 300, 1000, 5000]);
  }

  async run(): Promise<void> {
    const { chance, agentNames } = this.#clients;
    const agents = agentNames.flatMap((agent) => {
      const namesHolding = chance.happens(0.5);
      return Array.from({ length: chance.happens(0.4) ? 2 : 1 }, (): Client => ({
        weights: working,
        moves: 30,
        agent,
        namesHolding,
      }));
    });
    for (const name of agentNames) await this.#clients.register(name);
    await Promise.all([
      ...agents.map((client) => this.#move(client)),
      this.#move({ weights: producing, moves: 8 }),
      this.#move({ weights: producing, moves: 8 }),
      this.#move({ weights: interfering, moves: 20 }),
      this.#interrupt(),
    ]);
  }

  /** One client that makes random moves, with random pauses. */
  async #move({ weights, moves, agent: own, namesHolding = false }: Client): Promise<void> {
    const clients = this.#clients;
    const { chance, knowledge } = clients;
    for (let n = 0; n < moves; n += 1) {
      await clients.sleep(chance.fraction() * (chance.happens(0.3) ? 60 : 1) * this.#paceMs);
      await clients.sleep(this.#quietUntil - clients.now());
      const agent = own ?? chance.pick(clients.agentNames);
      if (own !== undefined && chance.happens(0.03)) knowledge.forget(own);
      const move = drawMove(
        { chance, knowledge, agent, namesHolding, hasOddDurations: this.#hasOddDurations },
        weights,
      );
      const answer = move && (await clients.request(move.operation, move.input, move.identity));
      const isGone = own !== undefined && answer?.body['code'] === 'agent_not_found';
      if (isGone && chance.happens(0.7)) await clients.register(own);
    }
  }

  async #interrupt(): Promise<void> {
    const { chance } = this.#clients;
    for (let n = 0; n < 3; n += 1) {
      await this.#clients.sleep(chance.fraction() * 150 * this.#paceMs);
      if (chance.happens(0.4)) this.#quietUntil = this.#clients.now() + chance.pick(quietMs);
    }
  }
}
