import { expect, test } from 'vitest';
import { criticalPath, workLeftMs } from '../../clients/dashboard/view/critical-path.ts';
import { boxesOf, boxesWith, boxOf, groupIdOf } from '../../clients/dashboard/view/graph-boxes.ts';
import { graphViewIn, isChosen, relatedTo } from '../../clients/dashboard/view/graph-view.ts';
import {
  cancellable,
  dependenciesOf,
  dependentsOf,
  graphsHeadline,
  heldUpBy,
  noteOf,
  progressText,
  retryable,
} from '../../clients/dashboard/view/graph.ts';
import { graphTasks } from './graph-tasks.ts';

const release = graphTasks({
  audit: [[], 'completed'],
  notes: [[], 'completed'],
  fix: [['audit'], 'running', { progress: { percent: 64 } }],
  compare: [['audit'], 'failed', { reason: 'line 88' }],
  review: [['fix']],
  publish: [['notes', 'compare'], 'blocked', { reason: 'compare failed' }],
  ship: [['review', 'publish']],
});
const statusOf = (id: string) => release.find(({ task_id }) => task_id === id)?.status;

test('the critical path is the longest chain still to be done', () => {
  expect(criticalPath(release)).toEqual(['audit', 'fix', 'review', 'ship']);
});

test('completed tasks count only between paths of equal length', () => {
  const tasks = graphTasks({
    a: [[], 'completed'],
    b: [['a'], 'completed'],
    c: [['b'], 'completed'],
    d: [[]],
    e: [['d']],
    end: [['c', 'e']],
  });
  expect(criticalPath(tasks)).toEqual(['d', 'e', 'end']);
  expect(criticalPath(graphTasks({ a: [[], 'completed'], b: [['a']], c: [[], 'running'] }))).toEqual(['a', 'b']);
});

test('the remaining work on a path is estimated from completed tasks, by type if known', () => {
  expect(workLeftMs(['audit', 'fix', 'review', 'ship'], release)).toBe(180_000);
  const tasks = graphTasks({
    a: [[], 'completed', { task_type: 'build', execution_duration_ms: 10_000 }],
    b: [[], 'completed', { task_type: 'test', execution_duration_ms: 30_000 }],
    c: [['a'], 'waiting', { task_type: 'build' }],
    d: [['c'], 'waiting', { task_type: 'other' }],
  });
  expect(workLeftMs(['a', 'c', 'd'], tasks)).toBe(10_000 + 20_000);
  expect(workLeftMs(['c'], graphTasks({ c: [[]] }))).toBeUndefined();
});

test('a task blocks what cannot start before it', () => {
  expect(heldUpBy('compare', release)).toBe(2);
  expect([...dependentsOf('audit', release)].sort()).toEqual(['compare', 'fix', 'publish', 'review', 'ship']);
  expect([...dependenciesOf('publish', release)].sort()).toEqual(['audit', 'compare', 'notes']);
  expect([...relatedTo(['fix'], release)].sort()).toEqual(['audit', 'fix', 'review', 'ship']);
});

test.each([
  ['fix', 'fixer, 64%'],
  ['compare', 'line 88'],
  ['audit', 'fixer, 1 min'],
  ['ship', 'waits for 2 of 2 tasks'],
  ['review', 'waits for 1 of 1 task'],
])('the note of %s is %j', (key, note) => {
  const task = release.find(({ task_id }) => task_id === key);
  expect(task && noteOf(task, statusOf)).toBe(note);
});

test('progress is one sentence, and the buttons show how many tasks they change', () => {
  const counts = { waiting: 2, blocked: 1, pending: 0, assigned: 0, running: 1, completed: 2, failed: 1, cancelled: 0 };
  expect(progressText({ total: 7, counts })).toBe('2 of 7 tasks completed; 1 blocked, 1 running, 1 failed');
  expect(progressText({ total: 7, counts: { completed: 7 } })).toBe('All 7 tasks completed');
  expect([cancellable(counts), retryable(counts)]).toEqual([4, 1]);
});

test.each([
  [[], false, 'No graphs yet'],
  [[{ total: 2, counts: { completed: 2 } }], false, 'All graphs are completed'],
  [[{ total: 2, counts: { running: 1, waiting: 1 } }], true, '1 graph is in progress'],
  [[{ total: 2, counts: { failed: 1, blocked: 1 } }], false, '1 graph has failed or blocked tasks'],
  [[{ total: 2, counts: { cancelled: 2 } }], false, 'No graph is in progress'],
])('for %j, the graphs page says %s', (graphs, areMore, title) => {
  expect(graphsHeadline(graphs, areMore).title).toBe(title);
});

const chapters = Object.fromEntries(
  Array.from({ length: 70 }, (_, n): [string, [string[], 'pending' | 'failed', object]] => [
    `chapter${n}`,
    [['split'], n === 5 ? 'failed' : 'pending', { task_type: 'translate', reason: 'refused' }],
  ]),
);
const book = graphTasks({ split: [[], 'completed'], ...chapters, join: [Object.keys(chapters)] });

test('in a large graph, tasks with the same neighbors share a box until expanded', () => {
  const boxes = boxesOf(book, new Set());
  expect(boxes.map(({ title, note, status }) => [title, note, status])).toEqual([
    ['split', 'fixer, 1 min', 'completed'],
    ['join', 'waits for 70 of 70 tasks', 'waiting'],
    ['translate × 70', '69 pending, 1 failed', 'failed'],
  ]);
  const group = boxOf('chapter9', boxes);
  expect(boxes.find(({ id }) => id === 'join')?.dependencies).toEqual([group?.id]);
  expect(boxesWith(new Set(['chapter3']), boxes)).toEqual(new Set([group?.id]));
  expect(groupIdOf('chapter9', book)).toBe(group?.id);
  expect(boxesOf(book, new Set([group?.id ?? '']))).toHaveLength(book.length);
});

test('a small graph shows each task', () => {
  expect(boxesOf(release, new Set()).map(({ id }) => id)).toEqual(release.map(({ task_id }) => task_id));
});

test('the view of a graph is in its URL', () => {
  expect(graphViewIn('as=table&task=fix&find=Fix&status=failed')).toEqual({
    as: 'table',
    task: 'fix',
    find: 'Fix',
    status: ['failed'],
  });
  expect(graphViewIn('as=other&find=&status=none')).toEqual({});
  const chosen = (view: string) => release.filter((one) => isChosen(one, graphViewIn(view))).map(({ key }) => key);
  expect(chosen('find=RE')).toEqual(['compare', 'review']);
  expect(chosen('status=failed&find=re')).toEqual(['compare']);
});
