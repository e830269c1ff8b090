import { expect, test } from 'vitest';
import { describeFilters, filtersIn, queryFor } from '../../clients/dashboard/view/filters.ts';

test.each([
  ['', {}, 'tasks'],
  ['status=failed', { status: 'failed' }, 'failed tasks'],
  ['status=lost&priority=urgent&created_after=yesterday', {}, 'tasks'],
  [
    'status=running&priority=high&task_type=index&agent_id=a',
    { status: 'running', priority: 'high', task_type: 'index', agent_id: 'a' },
    'high priority running tasks of type index of agent a',
  ],
  ['agent_id=%20&graph_id=g', { graph_id: 'g' }, 'tasks in graph g'],
])('%j narrows the list', (query, filters, text) => {
  expect(filtersIn(query)).toEqual(filters);
  expect(describeFilters(filtersIn(query))).toBe(text);
});

test('times are local in the address and instants in the request', () => {
  const filters = filtersIn('created_after=2026-11-26T14:00');
  expect(filters).toEqual({ created_after: '2026-11-26T14:00' });
  expect(queryFor(filters)).toEqual({ created_after: new Date('2026-11-26T14:00').toISOString() });
});
