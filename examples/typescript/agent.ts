/** An agent that reads Markdown: `MUSTER_KEY=mst_... node examples/typescript/agent.ts`; Ctrl-C stops it. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { runAgent } from '#clients/sdk/index.ts';

const { MUSTER_URL: url = 'http://127.0.0.1:4800', MUSTER_KEY: key = '' } = process.env;

const agent = runAgent({
  url,
  key,
  id: 'markdown_reader',
  capabilities: ['markdown'],
  handlers: {
    /** The headings of the file that the task names. */
    outline: async ({ task, signal }) => {
      const text = await readFile(task.content, { encoding: 'utf8', signal });
      return { file: basename(task.content), headings: text.match(/^#{1,3} .+$/gm) ?? [] };
    },
    /** One table of contents, made of what the dependencies found. */
    contents: ({ dependencyResults, progress }) => {
      progress(50, 'sorting');
      const outlines = Object.values(dependencyResults).map(
        ({ result }) => result as { file: string; headings: string[] },
      );
      return outlines
        .sort((one, other) => one.file.localeCompare(other.file))
        .flatMap(({ file, headings }) => [file, ...headings.map((heading) => heading.replaceAll('#', '  '))]);
    },
  },
  logger: console,
});

await agent.done;
