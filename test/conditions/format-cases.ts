import { DynamoDbDataFormat } from '#shared/adapters/data-format.ts';
import { dataFormatKey } from '#shared/adapters/item-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { expect } from 'vitest';
import { writes, type MemoryDynamoDb } from '../support/memory-dynamodb.ts';
import type { Case } from './sites.ts';

/** The first sweep of a version that writes this format. */
const sweepOf = ({ client, tables }: MemoryDynamoDb, format: number) =>
  new DynamoDbDataFormat(new Table(client, tables.agents), { reads: format, writes: format }).record();

const stored = (dynamodb: MemoryDynamoDb) => dynamodb.item('agents', dataFormatKey)?.['format'];

export const formatCases: Record<string, Case> = {
  'a format not recorded yet': async ({ dynamodb }) => {
    await sweepOf(dynamodb, 1);
    expect(stored(dynamodb)).toBe(1);
  },
  'a format newer than the recorded one': async ({ dynamodb }) => {
    await sweepOf(dynamodb, 1);
    await sweepOf(dynamodb, 2);
    expect(stored(dynamodb)).toBe(2);
  },
  'a format that a newer version has recorded in between': async ({ dynamodb }) => {
    await sweepOf(dynamodb, 1);
    dynamodb.before(writes('UpdateItem', 'F'), () => sweepOf(dynamodb, 3));
    await sweepOf(dynamodb, 2);
    expect(stored(dynamodb)).toBe(3);
  },
};
