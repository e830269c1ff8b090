import { expect, test } from 'vitest';
import * as agents from '#shared/contract/agents.ts';
import type { Operation } from '#shared/contract/operation.ts';
import { Refusal } from '#shared/contract/problem.ts';
import * as tasks from '#shared/contract/tasks.ts';
import { readQuery } from '../../functions/http/query.ts';

const read = (query: string, operation: Operation) => Object.fromEntries(readQuery(query, operation));

test('numbers and booleans get the types that the operation requires', () => {
  expect(read('limit=5&available=true', agents.findAgents)).toEqual({ limit: 5, available: true });
  expect(read('task_type=5', tasks.queryTasks)).toEqual({ task_type: '5' });
});

test('a time is a timestamp or whole seconds', () => {
  expect(read('created_after=1762765200&created_before=2026-11-10T09:00:00Z', tasks.queryTasks)).toEqual({
    created_after: 1762765200,
    created_before: '2026-11-10T09:00:00Z',
  });
});

test.each(['limit=', 'limit=five', 'limit=0x5', 'limit=1e3', 'limit=NaN', 'limit=Infinity', 'limit=%205'])(
  'an invalid number stays text, so that validation can name it: %s',
  (query) => {
    expect(read(query, agents.findAgents)['limit']).toBeTypeOf('string');
  },
);

test('a list is separated by commas, repeated, or empty', () => {
  expect(read('requirements=python,web', agents.findAgents)).toEqual({ requirements: ['python', 'web'] });
  expect(read('requirements=python&requirements=web', agents.findAgents)).toEqual({ requirements: ['python', 'web'] });
  expect(read('requirements=', agents.findAgents)).toEqual({ requirements: [] });
  expect(read('status=pending', tasks.queryTasks)).toEqual({ status: ['pending'] });
  expect(read('status=assigned,running&status=pending', tasks.queryTasks)).toEqual({
    status: ['assigned', 'running', 'pending'],
  });
});

test('a field that is not a list can be given only once', () => {
  expect(() => read('limit=5&limit=6', agents.findAgents)).toThrow(Refusal);
});

test('unknown fields are kept for validation to refuse, even __proto__', () => {
  expect(readQuery('limits=5&__proto__=x', agents.findAgents)).toEqual([
    ['limits', '5'],
    ['__proto__', 'x'],
  ]);
});

test('invalid escapes and bytes that are not UTF-8 are no error', () => {
  expect(read('task_type=%zz%ff', tasks.queryTasks)).toEqual({ task_type: '%zz\uFFFD' });
});
