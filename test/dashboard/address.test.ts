import { expect, test } from 'vitest';
import { hrefOf, keyIn, parseAddress, taskHref } from '../../clients/dashboard/view/address.ts';

test.each([
  ['', { path: '/', query: '' }],
  ['#', { path: '/', query: '' }],
  ['#/tasks', { path: '/tasks', query: '' }],
  ['#/tasks?status=failed,blocked&agent_id=a', { path: '/tasks', query: 'status=failed,blocked&agent_id=a' }],
  ['#section', { path: '/', query: '' }],
])('%j is a location in the dashboard', (hash, address) => {
  expect(parseAddress(hash)).toEqual(address);
});

test('a link contains what it was made of, without empty filters', () => {
  const href = hrefOf('/tasks', { status: ['failed', 'blocked'], agent_id: 'a&b', priority: '', task_type: undefined });
  expect(href).toBe('#/tasks?status=failed,blocked&agent_id=a%26b');
  const query = new URLSearchParams(parseAddress(href).query);
  expect(Object.fromEntries(query)).toEqual({ status: 'failed,blocked', agent_id: 'a&b' });
  expect(hrefOf('/tasks', {})).toBe('#/tasks');
  expect(taskHref('a/b')).toBe('#/tasks/a%2Fb');
});

test('only a sign-in link has a key', () => {
  expect(keyIn('#key=mst_abcdefabcdef_0123')).toBe('mst_abcdefabcdef_0123');
  for (const hash of ['', '#/', '#key=', '#key=other', '#/tasks?key=mst_a_b', '#key=mst_a b']) {
    expect(keyIn(hash)).toBeUndefined();
  }
});
