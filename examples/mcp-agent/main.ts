/**
 * An MCP client that registers itself as an agent, claims a task and completes it, as a model does with Muster's tools.
 */
import { setTimeout } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const { MUSTER_URL: url = 'http://127.0.0.1:4800', MUSTER_KEY: key = '' } = process.env;

const client = new Client({ name: 'mcp-agent', version: '1.0.0' });
const headers = { authorization: `Bearer ${key}` };
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));

/** Calls a tool. A refusal is also a result, which says what to do. */
async function call(name: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { isError, structuredContent } = await client.callTool({ name: `orchestration_${name}`, arguments: input });
  const answer = (structuredContent ?? {}) as Record<string, unknown>;
  if (isError) throw new Error(`${name}: ${String(answer['detail'])} ${String(answer['hint'] ?? '')}`);
  return answer;
}

const agent_id = 'mcp_counter';
await call('register_agent', { agent_id, capabilities: ['counting_words'] });
await call('create_task', { content: 'How many words are these?', requirements: ['counting_words'] });

// A claim returns at once, even without work: the agent claims again after the delay in the response.
let tasks: { task_id: string; content: string }[] = [];
while (tasks.length === 0) {
  const claimed = (await call('claim_tasks', { agent_id, limit: 1 })) as { tasks: typeof tasks; poll_after_ms: number };
  ({ tasks } = claimed);
  if (tasks.length === 0) await setTimeout(claimed.poll_after_ms);
}
for (const { task_id, content } of tasks) {
  const words = content.split(/\s+/).length;
  const { status } = await call('complete_task', { task_id, result: { words } });
  console.log(status, words);
}
await call('deregister_agent', { agent_id });
await client.close();
