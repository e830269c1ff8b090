/** A program that uses openapi-typescript and openapi-fetch. */
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/openapi-typescript';

const { MUSTER_URL: baseUrl = '', MUSTER_KEY: key = '', AGENT: agent_id = '', SKILL: skill = '' } = process.env;
const muster = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${key}` } });

/** The response's data; throws the refusal's code, or an error if the response is API Gateway's own. */
function given<T>({ data, error }: { data?: T; error?: components['schemas']['ErrorBody'] }): T {
  if (error?.code) throw new Error(`${error.code}: ${error.hint}`);
  if (data === undefined) throw new Error(error?.message);
  return data;
}

const task = given(
  await muster.POST('/v1/tasks', {
    body: { content: 'Say hello', requirements: [skill], routing: 'manual', priority: 'high' },
  }),
);
given(await muster.POST('/v1/agents', { body: { agent_id, capabilities: [skill] } }));
const { tasks, poll_after_ms } = given(
  await muster.POST('/v1/agents/{agent_id}/claim', { params: { path: { agent_id } }, body: { limit: 1 } }),
);
for (const { task_id, attempt } of tasks) {
  const params = { path: { task_id } };
  given(await muster.POST('/v1/tasks/{task_id}/complete', { params, body: { agent_id, attempt, result: 'hello' } }));
}
const params = { path: { task_id: task.task_id } };
const done = given(await muster.GET('/v1/tasks/{task_id}', { params }));
const listed = given(await muster.GET('/v1/tasks', { params: { query: { status: ['completed'], agent_id } } }));
const { error } = await muster.GET('/v1/tasks/{task_id}', { params: { path: { task_id: 'none' } } });
const isUnknown = error?.code === 'task_not_found';
// @ts-expect-error -- the codes are a closed list
const isNonsense = error?.code === 'no_such_code';

const { status, result } = done;
console.log(JSON.stringify({ status, result, poll_after_ms, listed: listed.tasks.length, isUnknown, isNonsense }));
