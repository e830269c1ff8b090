/** Snippets to get started. They read the key from the environment, so that no key is shown or copied by accident. */
export function beginWith(url: string): { agent: string; task: string; graph: string } {
  const post = (path: string, body: string) =>
    `curl -s ${url}${path} -H "Authorization: Bearer $MUSTER_KEY" \\\n  -H 'Content-Type: application/json' -d '${body}'`;
  return {
    agent: post('/v1/agents', '{"agent_id":"researcher","capabilities":["python","web"]}'),
    graph: post(
      '/v1/graphs',
      '{"title":"Report","tasks":[{"key":"read","content":"Read the sources"},{"key":"write","content":"Write the report","dependencies":["read"]}]}',
    ),
    task: post('/v1/tasks', '{"content":"Research asyncio patterns in Python","requirements":["python","web"]}'),
  };
}

/** How to connect each kind of client to this URL. All read the key from MUSTER_KEY. */
export function connectWith(url: string): { title: string; text: string; note: string }[] {
  return [
    {
      title: 'curl',
      text: `${beginWith(url).task}\ncurl -s ${url}/v1/stats/queue -H "Authorization: Bearer $MUSTER_KEY"`,
      note: 'Needs a key of role producer. Every operation is in openapi.json at this address.',
    },
    {
      title: 'TypeScript',
      text: `import { runAgent } from '#clients/sdk/worker/index.ts';

const agent = runAgent({
  url: '${url}',
  key: process.env.MUSTER_KEY ?? '',
  id: 'researcher',
  capabilities: ['python', 'web'],
  handlers: {
    general: ({ task, progress }) => {
      progress(50, 'reading');
      return { answer: \`Read: \${task.content}\` };
    },
  },
  logger: console,
});
await agent.done;`,
      note: 'In a checkout of Muster, with a key of role agent: MUSTER_KEY=mst_... node agent.ts',
    },
    {
      title: 'Python',
      text: `from muster import Agent

agent = Agent("researcher", capabilities=["python", "web"], url="${url}")


@agent.task("general")
def general(task, ctx):
    ctx.progress(50, "reading")
    return {"answer": f"Read: {task.content}"}


agent.run()`,
      note: 'With the package muster-agents of a checkout of Muster (pip install ./clients/python) and a key of role agent: MUSTER_KEY=mst_... python3 agent.py',
    },
    {
      title: 'Claude Code',
      text: `claude mcp add --transport http muster ${url}/mcp \\\n  --header "Authorization: Bearer $MUSTER_KEY"`,
      note: 'The tools that the key may use are listed by the server.',
    },
    {
      title: 'Other MCP clients',
      text: JSON.stringify(
        { mcpServers: { muster: { type: 'http', url: `${url}/mcp`, headers: { Authorization: 'Bearer mst_...' } } } },
        null,
        2,
      ),
      note: 'VS Code calls the outer name "servers" instead of "mcpServers".',
    },
  ];
}
