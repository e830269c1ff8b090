import { expect, test } from 'vitest';
import { describeFilters, filtersIn, mayMatch, queryFor } from '../../clients/dashboard/view/filters.ts';
import { canCancel, canRetry } from '../../clients/dashboard/view/states.ts';

test.each([
  ['', {}, 'tasks'],
  ['status=failed', { status: ['failed'] }, 'failed tasks'],
  ['status=failed,lost,blocked', { status: ['blocked', 'failed'] }, 'blocked or failed tasks'],
  ['status=lost&priority=urgent&created_after=yesterday', {}, 'tasks'],
  [
    'status=running&priority=high&task_type=index&agent_id=a',
    { status: ['running'], priority: 'high', task_type: 'index', agent_id: 'a' },
    'high priority running tasks of type index of agent a',
  ],
  ['agent_id=%20&graph_id=g', { graph_id: 'g' }, 'tasks in graph g'],
])('%j narrows the list', (query, filters, text) => {
  expect(filtersIn(query)).toEqual(filters);
  expect(describeFilters(filtersIn(query))).toBe(text);
});

test('times are local in the URL and instants in the request', () => {
  const filters = filtersIn('created_after=2026-11-26T14:00');
  expect(filters).toEqual({ created_after: '2026-11-26T14:00' });
  expect(queryFor(filters)).toEqual({ created_after: new Date('2026-11-26T14:00').toISOString() });
});

test('filters that no selected status allows are not offered', () => {
  const offered = (query: string) => [canCancel, canRetry].map((allowed) => mayMatch(filtersIn(query), allowed));
  expect(offered('status=pending,running')).toEqual([true, false]);
  expect(offered('status=failed')).toEqual([false, true]);
  expect(offered('status=completed')).toEqual([false, false]);
  expect(offered('priority=high')).toEqual([true, true]);
});
