import { madeAt } from '../domain/offer.ts';
import type { Random } from '../ports.ts';
import { ttlAttribute } from '../schema.ts';
import { outsideWorkKey } from './item-keys.ts';
import type { Table } from './table.ts';

const isFirstReport = 'attribute_not_exists(pk)';

/** An agent that repeats its report for a task does so within this time. */
const keptForMs = 30 * 24 * 3600 * 1000;

/**
 * Outcomes of work outside the queue that agents reported with a task id. The first report writes the token under which
 * the outcome is counted; any later report of the same task finds that token:
 *
 *     one:      put the token | ADD completed IF NOT contains(records, token)
 *     another:       put: refused, the same token | ADD completed: refused
 */
export class OutsideWork {
  readonly #table: Table;
  readonly #random: Random;
  /** How long an agent's item keeps the tokens it has counted, at least. */
  readonly #repeatedForMs: number;

  constructor(table: Table, random: Random, repeatedForMs: number) {
    this.#table = table;
    this.#random = random;
    this.#repeatedForMs = repeatedForMs;
  }

  /** The token under which the outcome of a task is counted; undefined if it already was. */
  async tokenFor(agentId: string, taskId: string, now: number): Promise<string | undefined> {
    const token = this.#random.token();
    const { written, item } = await this.#table.put({
      Item: {
        ...outsideWorkKey(agentId, taskId),
        token,
        [ttlAttribute]: Math.ceil((now + keptForMs) / 1000),
      },
      ConditionExpression: isFirstReport,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (written) return token;
    const first = String(item?.['token']);
    return now - madeAt(first) < this.#repeatedForMs ? first : undefined;
  }
}
