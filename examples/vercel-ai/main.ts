/** An agent that answers with a language model, and a task for it. */
import { setTimeout } from 'node:timers/promises';
import { MusterClient } from '@musterhq/sdk';
import { PermanentError, runAgent } from '@musterhq/sdk/worker';
import { generateText, type LanguageModel } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';

const { MUSTER_URL: url = 'http://127.0.0.1:4800', MUSTER_KEY: key = '' } = process.env;

// A fake model, so that this runs without a network and a bill. For a real one: npm install @ai-sdk/anthropic, then
//   import { anthropic } from '@ai-sdk/anthropic';
//   const model: LanguageModel = anthropic('claude-sonnet-4-5');
const model: LanguageModel = new MockLanguageModelV4({
  modelId: 'fake-model',
  doGenerate: async ({ abortSignal }) => {
    await setTimeout(50, undefined, { signal: abortSignal });
    return {
      content: [{ type: 'text', text: 'Tasks wait in a queue until an agent that can do them has a free slot.' }],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: {
        inputTokens: { total: 42, noCache: 42, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 17, text: 17, reasoning: 0 },
      },
      warnings: [],
    };
  },
});

const agent = runAgent({
  url,
  key,
  id: 'summarizer',
  capabilities: ['summarizing'],
  handler: async ({ task, signal, metrics }) => {
    // If the task is cancelled or its lease is lost, the model call is aborted and costs nothing more.
    const { text, usage, finishReason } = await generateText({
      model,
      system: 'Summarize in one sentence.',
      prompt: task.content,
      abortSignal: signal,
      // Muster retries tasks; two layers of retries multiply.
      maxRetries: 0,
    });
    metrics({ model: 'fake-model', input_tokens: usage.inputTokens ?? 0, output_tokens: usage.outputTokens ?? 0 });
    // A retry would get the same response.
    if (finishReason === 'content-filter') throw new PermanentError('The model refused the input');
    return { summary: text };
  },
});

const client = new MusterClient({ url, key });
const { task_id } = await client.createTask({
  content: 'Muster is a task queue, an agent registry and a capability router.',
  requirements: ['summarizing'],
});
const task = await client.waitFor(task_id);
console.log(task.status, JSON.stringify(task.status === 'completed' && { result: task.result, metrics: task.metrics }));
await agent.stop();
