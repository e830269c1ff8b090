import type { DataFormat } from '../ports.ts';
import { dataFormat } from '../schema.ts';
import { dataFormatKey } from './item-keys.ts';
import { NewerData } from './newer-data.ts';
import type { Table } from './table.ts';

interface Format {
  reads: number;
  writes: number;
}

const isNewOrOlder = '(attribute_not_exists(#format) OR #format < :format)';

/**
 * The port DataFormat: one number in the agents table, which each process reads once, eventually consistently, for half
 * a read unit. A running process need not check again: a deployment replaces it.
 */
export class DynamoDbDataFormat implements DataFormat {
  readonly #table: Table;
  readonly #own: Format;
  #stored: Promise<number | undefined> | undefined;

  /** @param table one that does not itself check the format */
  constructor(table: Table, own: Format = dataFormat) {
    this.#table = table;
    this.#own = own;
  }

  readonly check = async (): Promise<void> => {
    const stored = (await this.#look()) ?? 1;
    if (stored <= this.#own.reads) return;
    // The next call checks again: the data may have been restored.
    this.#stored = undefined;
    throw new NewerData(stored, this.#own.reads);
  };

  async record(): Promise<void> {
    await this.check();
    const { writes: format } = this.#own;
    if (((await this.#look()) ?? 0) >= format) return;
    await this.#table.update({
      Key: dataFormatKey,
      UpdateExpression: 'SET #format = :format',
      ConditionExpression: isNewOrOlder,
      ExpressionAttributeNames: { '#format': 'format' },
      ExpressionAttributeValues: { ':format': format },
    });
    this.#stored = undefined;
  }

  #look(): Promise<number | undefined> {
    this.#stored ??= this.#read().catch((error: unknown) => {
      this.#stored = undefined;
      throw error;
    });
    return this.#stored;
  }

  async #read(): Promise<number | undefined> {
    const item = await this.#table.get(dataFormatKey, false);
    return item && Number(item['format']);
  }
}
