import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type BuildOptions, type BuildResult, type Metafile, type Plugin } from 'esbuild';

type Built = Pick<BuildResult<{ metafile: true; write: false }>, 'outputFiles' | 'metafile'>;

/** The esbuild options; entry points are named after their output. */
type Options = BuildOptions & { absWorkingDir: string; outdir: string; entryPoints: [{ in: string; out: string }] };

/**
 * Bundles so that our own functions keep their names and those of packages do not. Names keep stack traces readable
 * without source maps, which would be larger than the code they describe; the names of packages would add 7 KB to a
 * bundle. esbuild can only keep all names or none, so a first pass bundles our code and a second adds the packages.
 */
export async function bundleKeepingOwnNames({ entryPoints, ...options }: Options): Promise<Built> {
  const common = { ...options, bundle: true, metafile: true, write: false } as const;
  const readable = { minify: false, minifySyntax: true, keepNames: true, banner: {} };
  const own = await build({ ...common, ...readable, entryPoints, packages: 'external' });
  const sources = new Map(own.outputFiles.map(({ path: file, text }) => [file, text]));
  const [{ out }] = entryPoints;
  const entry = path.join(options.outdir, `${out}${options.outExtension?.['.js'] ?? '.js'}`);
  const plugins = [ownCode(sources, options.absWorkingDir), keepNoOpLogger, ...(options.plugins ?? [])];
  const whole = await build({ ...common, entryPoints: [{ in: entry, out }], plugins });
  return { outputFiles: whole.outputFiles, metafile: withOwnInputs(whole.metafile, own.metafile) };
}

/** Provides the output of the first pass to the second. */
const ownCode = (sources: ReadonlyMap<string, string>, resolveDir: string): Plugin => ({
  name: 'own-code',
  setup: (build) => {
    build.onResolve({ filter: /\.mjs$/ }, ({ path: file, importer }) => {
      const made = path.resolve(path.dirname(importer), file);
      return sources.has(made) ? { path: made } : undefined;
    });
    build.onLoad({ filter: /\.mjs$/ }, ({ path: file }) => {
      const contents = sources.get(file);
      // Packages are not resolved from the folder of the file, which does not exist in a new checkout.
      return contents === undefined ? undefined : { contents, loader: 'js', resolveDir };
    });
  },
});

/**
 * The AWS SDK recognizes its no-op logger by name, and would otherwise pass it to the HTTP client instead of the
 * console.
 */
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

/** The second pass only sees the output of the first, which knows its sources and their sizes before minification. */
const withOwnInputs = (whole: Metafile, own: Metafile): Metafile => ({
  ...whole,
  outputs: Object.fromEntries(
    Object.entries(whole.outputs).map(([file, output]) => {
      const inputs = Object.entries(output.inputs).flatMap(([input, size]) =>
        Object.entries(own.outputs[input]?.inputs ?? { [input]: size }),
      );
      return [file, { ...output, inputs: Object.fromEntries(inputs) }];
    }),
  ),
});
