import { operations } from '#shared/contract/operations.ts';
import type { Clients } from './clients.ts';
import { processOf } from './knowledge.ts';
import { draws, drawMove, interfering, producing, working, type Weights } from './moves.ts';

/** Occasionally there are no calls for so long that leases, caches and memberships expire. */
const quietMs = [200_000, 1_200_000, 4_500_000];
/** Rarely for so long that lanes become dormant. */
const dormancyMs = 25 * 3_600_000;

/** The refusals after which a process registers again. */
const mustRegister = ['agent_not_found', 'agent_in_use', 'agent_replaced'];

interface Client {
  weights: Weights;
  moves: number;
  /** The agent that it is, if any. */
  agent?: string;
  /** Its process, if it names itself; a different one after it has died. */
  instance?: string | undefined;
  namesHolding?: boolean;
}

/** Producers, agents and people, all concurrently and at random. */
export async function randomProgram(clients: Clients): Promise<void> {
  for (const { name } of operations) if (!(name in draws)) throw new Error(`Add ${name} to program/moves.ts.`);
  await new RandomProgram(clients).run();
}

class RandomProgram {
  readonly #clients: Clients;
  /** The approximate pause between two calls of a client: the shorter, the more they race. */
  readonly #paceMs: number;
  readonly #hasOddDurations: boolean;
  #quietUntil = 0;
  #instances = 0;

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
      const namesItself = chance.happens(0.5);
      const isOne = chance.happens(0.3);
      const common = namesItself && isOne ? { instance: this.#newInstance() } : {};
      return Array.from({ length: chance.happens(0.4) ? 2 : 1 }, (): Client => ({
        weights: working,
        moves: 30,
        agent,
        namesHolding,
        ...(namesItself && { instance: this.#newInstance() }),
        ...common,
      }));
    });
    for (const name of agentNames) {
      const instance = agents.find(({ agent }) => agent === name)?.instance;
      await this.#clients.register(name, { instance });
    }
    await Promise.all([
      ...agents.map((client) => this.#move(client)),
      this.#move({ weights: producing, moves: 8 }),
      this.#move({ weights: producing, moves: 8 }),
      this.#move({ weights: interfering, moves: 20 }),
      this.#interrupt(),
    ]);
  }

  /** One client that makes random calls, with random pauses. */
  async #move(client: Client): Promise<void> {
    const { weights, moves, agent: own, namesHolding = false } = client;
    const clients = this.#clients;
    const { chance, knowledge } = clients;
    for (let n = 0; n < moves; n += 1) {
      await clients.sleep(chance.fraction() * (chance.happens(0.3) ? 60 : 1) * this.#paceMs);
      await clients.sleep(this.#quietUntil - clients.now());
      const agent = own ?? chance.pick(clients.agentNames);
      if (own !== undefined && chance.happens(0.03)) this.#die(client, own);
      const { instance } = client;
      const move = drawMove(
        { chance, knowledge, agent, instance, namesHolding, hasOddDurations: this.#hasOddDurations },
        weights,
      );
      const answer = move && (await clients.request(move.operation, move.input, move.identity));
      if (own !== undefined && mustRegister.includes(String(answer?.body['code'])) && chance.happens(0.7)) {
        await clients.register(own, { instance, takeover: chance.happens(0.3) });
      }
    }
  }

  /** Ends a process; the next one knows nothing. */
  #die(client: Client, agent: string): void {
    this.#clients.knowledge.forget(processOf(agent, client.instance));
    if (client.instance !== undefined) client.instance = this.#newInstance();
  }

  #newInstance(): string {
    this.#instances += 1;
    return `process-${this.#instances}`;
  }

  async #interrupt(): Promise<void> {
    const { chance } = this.#clients;
    for (let n = 0; n < 3; n += 1) {
      await this.#clients.sleep(chance.fraction() * 150 * this.#paceMs);
      const ms = chance.happens(0.05) ? dormancyMs : chance.pick(quietMs);
      if (!chance.happens(0.4)) continue;
      this.#quietUntil = this.#clients.now() + ms;
      this.#clients.expectQuiet(ms);
    }
  }
}
