/** What a user of @hey-api/openapi-ts writes. */
import { claimTasks, completeTask, createTask, getTask, queryTasks, registerAgent } from './generated/hey-api';
import { client } from './generated/hey-api/client.gen';

const { MUSTER_URL: baseUrl = '', MUSTER_KEY: key = '', AGENT: agent_id = '', SKILL: skill = '' } = process.env;
client.setConfig({ baseUrl, auth: () => key });

const throwOnError = true;
const { data: task } = await createTask({
  body: { content: 'Say hello', requirements: [skill], routing: 'manual', priority: 'high' },
  throwOnError,
});
await registerAgent({ body: { agent_id, capabilities: [skill] }, throwOnError });
const { data: claim } = await claimTasks({ path: { agent_id }, body: { limit: 1 }, throwOnError });
for (const { task_id, attempt } of claim.tasks) {
  await completeTask({ path: { task_id }, body: { agent_id, attempt, result: 'hello' }, throwOnError });
}
const { data: done } = await getTask({ path: { task_id: task.task_id }, throwOnError });
const { data: listed } = await queryTasks({ query: { status: ['completed'], agent_id }, throwOnError });
const { error } = await getTask({ path: { task_id: 'none' } });
const isUnknown = error?.code === 'task_not_found';
// @ts-expect-error -- the codes are a closed list
const isNonsense = error?.code === 'no_such_code';

const { status, result } = done;
const { poll_after_ms } = claim;
console.log(JSON.stringify({ status, result, poll_after_ms, listed: listed.tasks.length, isUnknown, isNonsense }));
