import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type BuildOptions, type BuildResult, type Metafile, type Plugin } from 'esbuild';

type Built = Pick<BuildResult<{ metafile: true; write: false }>, 'outputFiles' | 'metafile'>;

/** What esbuild is told; entry points are named by their outputs. */
type Options = BuildOptions & { absWorkingDir: string; entryPoints: { in: string; out: string }[] };

/**
 * Bundles so that functions of ours keep their names and those of packages do not. Names keep stack traces readable without
 * source maps, which would be larger than the code they explain; those of packages would be 7 KB of a bundle. esbuild can
 * only keep all names or none: a first pass makes one file of our code for each entry point, a second adds the packages.
 */
export async function bundleKeepingOwnNames({ absWorkingDir, entryPoints, ...options }: Options): Promise<Built> {
  const common = { ...options, absWorkingDir, entryPoints, bundle: true, metafile: true, write: false } as const;
  const readable = { minify: false, minifySyntax: true, keepNames: true, banner: {} };
  const own = await build({ ...common, ...readable, packages: 'external' });
  const sources = new Map(
    entryPoints.map((entry, place) => [path.join(absWorkingDir, entry.in), own.outputFiles[place]?.text ?? '']),
  );
  const plugins = [ownCode(sources), keepNoOpLogger, ...(options.plugins ?? [])];
  const whole = await build({ ...common, plugins });
  return { outputFiles: whole.outputFiles, metafile: withOwnInputs(whole.metafile, own.metafile) };
}

/** Gives the second pass what the first made of each entry point. */
const ownCode = (sources: ReadonlyMap<string, string>): Plugin => ({
  name: 'own-code',
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
      const contents = sources.get(file);
      return contents === undefined ? undefined : { contents, loader: 'js' };
    });
  },
});

/** The AWS SDK knows the logger that logs nothing by its name, and would give it to the HTTP client in place of the console. */
const keepNoOpLogger: Plugin = {
  name: 'keep-no-op-logger',
  setup: (build) => {
    build.onLoad({ filter: /NoOpLogger\.js$/ }, ({ path: file }) => {
      const [before, after, ...more] = readFileSync(file, 'utf8').split('class NoOpLogger {');
      if (before === undefined || after === undefined || more.length > 0)
        throw new Error(`${file} is not as expected.`);
      return { contents: `${before}class NoOpLogger { static name = 'NoOpLogger';${after}`, loader: 'js' };
    });
  },
};

/** The second pass sees one file of ours for each entry point: the first knows which they are, with sizes before minifying. */
const withOwnInputs = (whole: Metafile, own: Metafile): Metafile => ({
  ...whole,
  outputs: Object.fromEntries(
    Object.entries(whole.outputs).map(([file, output]) => [
      file,
      { ...output, inputs: { ...output.inputs, ...own.outputs[file]?.inputs } },
    ]),
  ),
});
