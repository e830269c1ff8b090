/** Prints a table of contents of Markdown files: `MUSTER_KEY=mst_... node examples/typescript/producer.ts *.md`. */
import { resolve } from 'node:path';
import { MusterClient } from '#clients/sdk/index.ts';

const { MUSTER_URL: url = 'http://127.0.0.1:4800', MUSTER_KEY: key = '' } = process.env;
const muster = new MusterClient({ url, key });

const outlines = await Promise.all(
  process.argv
    .slice(2)
    .map((file) =>
      muster.createTask({ task_type: 'outline', content: resolve(file), requirements: ['markdown'], priority: 'high' }),
    ),
);
const contents = await muster.createTask({
  task_type: 'contents',
  content: 'Make one table of contents of all outlines',
  requirements: ['markdown'],
  dependencies: outlines.map((outline) => outline.task_id),
  on_dependency_failure: 'cancel',
});

const ended = await muster.waitFor(contents.task_id);
if (ended.status === 'completed') console.log((ended.result as string[]).join('\n'));
for (const { task_id, content } of outlines) {
  const outline = await muster.getTask({ task_id });
  if (outline.status === 'failed') console.error(`${content}: ${outline.error}`);
}
process.exitCode = ended.status === 'completed' ? 0 : 1;
