import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataFormatKey } from '#shared/adapters/item-keys.ts';
import { Table } from '#shared/adapters/table.ts';
import { env } from '#shared/env.ts';
import { dataFormat } from '#shared/schema.ts';
import { startFunctions, type Functions } from './api.ts';

let functions: Functions;
beforeAll(async () => {
  functions = await startFunctions();
});
afterAll(() => functions.stop());

test('on data of a newer version, every request gets 503 and the reason until that version is back', async () => {
  const { key } = await functions.makeKey({ role: 'admin' });
  const client = new DynamoDBClient();
  const agents = new Table(client, process.env[env.agentsTable] ?? '');
  const store = (format: number) => agents.put({ Item: { ...dataFormatKey, format } });

  await store(dataFormat.reads + 1);
  expect(await functions.identify(`Bearer ${key}`)).toEqual({ refusal: 'unavailable' });
  const body = { content: 'something to do' };
  const { status, headers, body: problem } = await functions.call('create_task', { body });
  expect({ status, code: problem.code }).toEqual({ status: 503, code: 'unavailable' });
  expect(problem.detail).toContain('written by a newer version of Muster');
  expect(headers['retry-after']).toBeDefined();

  await store(dataFormat.reads);
  expect(await functions.identify(`Bearer ${key}`)).toMatchObject({ role: 'admin' });
  expect((await functions.call('create_task', { body })).status).toBe(201);
  client.destroy();
});
