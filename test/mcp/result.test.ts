import { expect, test } from 'vitest';
import { toolResult } from '../../functions/mcp/result.ts';

test("Muster's own sentences name tools, and other people's data is unchanged", () => {
  const sentence = 'Use explain_task, or POST /v1/tasks/{task_id}/retry.';
  const words = 'Use orchestration_explain_task, or orchestration_retry_task.';
  const read = { effect: 'read' } as const;

  expect(toolResult({ name: 'explain_task', ...read }, { sentence, task_id: 'get_task' })).toEqual({
    sentence: words,
    task_id: 'get_task',
  });
  const evidence = { task_id: 'get_task', message: sentence };
  expect(
    toolResult({ name: 'get_recommendations', ...read }, { recommendations: [{ message: sentence, evidence }] }),
  ).toEqual({ recommendations: [{ message: words, evidence }] });
  expect(toolResult({ name: 'get_health', ...read }, { reasons: [sentence] })).toEqual({ reasons: [words] });
  const task = { content: sentence, metadata: { hint: sentence }, result: { sentence } };
  expect(toolResult({ name: 'get_task', ...read }, task)).toEqual(task);
});

test('the refusal of one task in a batch names the next step in terms of tools', () => {
  const error = { code: 'not_pending', hint: 'GET /v1/tasks/{task_id}/explain shows why.' };
  expect(toolResult({ name: 'create_tasks', effect: 'write' }, { results: [{ error }] })).toEqual({
    results: [{ error: { code: 'not_pending', hint: 'orchestration_explain_task shows why.' } }],
  });
});
