/** An agent that reads Markdown files: `MUSTER_KEY=mst_... node examples/typescript/agent.ts`; Ctrl-C stops it. */
import { basename } from 'node:path';
import { runAgent } from '#clients/sdk/worker/index.ts';
import { readBelow } from './files.ts';

const { MUSTER_URL: url = 'http://127.0.0.1:4800', MUSTER_KEY: key = '', MUSTER_FILES: folder = '.' } = process.env;

const agent = runAgent({
  url,
  key,
  id: 'markdown_reader',
  capabilities: ['markdown'],
  handlers: {
    /** The headings of the file in the task. */
    outline: ({ task }) => {
      const text = readBelow(folder, task.content);
      return { file: basename(task.content), headings: text.match(/^#{1,3} .+$/gm) ?? [] };
    },
    /** A table of contents, made from the results of the dependencies. */
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
