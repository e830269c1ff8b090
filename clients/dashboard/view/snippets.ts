/** Lines that begin: they read the key from the environment, so that no key is shown or copied by accident. */
export function beginWith(url: string): { agent: string; task: string } {
  const post = (path: string, body: string) =>
    `curl -s ${url}${path} -H "Authorization: Bearer $MUSTER_KEY" \\\n  -H 'Content-Type: application/json' -d '${body}'`;
  return {
    agent: post('/v1/agents', '{"agent_id":"researcher","capabilities":["python","web"]}'),
    task: post('/v1/tasks', '{"content":"Research asyncio patterns in Python","requirements":["python","web"]}'),
  };
}
