/**
 * researcher_bot: finds patterns in the source code of installed packages; with `machine_learning`, groups packages by
 * style.
 */
import { cluster } from './cluster.ts';
import { densities, patterns, type Findings, type PackageFindings } from './findings.ts';
import { sourceFiles, type SourceFile } from './sources.ts';
import { work, type Handler } from './work.ts';

/** Counts each pattern in the packages listed in `metadata.packages`. */
const research: Handler = async ({ metadata }, tell) => {
  const names = metadata?.['packages'] as string[];
  const packages: PackageFindings[] = [];
  const examples: Findings['examples'] = {};
  for (const [n, name] of names.entries()) {
    const sources = sourceFiles(name, '*.{js,cjs,mjs}');
    packages.push({ package: name, ...count(sources) });
    for (const pattern of Object.keys(patterns)) examples[pattern] ??= firstOf(pattern, sources);
    await tell(Math.round(((n + 1) / names.length) * 100), `${name}: ${sources.length} files`);
  }
  return { packages, examples } satisfies Findings;
};

function count(sources: readonly SourceFile[]): Omit<PackageFindings, 'package'> {
  let lines = 0;
  const counts = Object.fromEntries(Object.keys(patterns).map((name) => [name, 0]));
  for (const { text } of sources) {
    lines += text.split('\n').length;
    for (const [name, pattern] of Object.entries(patterns)) {
      counts[name] = (counts[name] ?? 0) + (text.match(pattern)?.length ?? 0);
    }
  }
  return { files: sources.length, lines, counts };
}

/** The first occurrence of a pattern, as `file:line`. */
function firstOf(name: string, sources: readonly SourceFile[]): string | undefined {
  for (const { file, text } of sources) {
    const index = patterns[name] ? text.search(patterns[name]) : -1;
    if (index >= 0) return `${file}:${text.slice(0, index).split('\n').length}`;
  }
  return undefined;
}

/** Groups the packages of a dependency's findings by how often they use each pattern. */
const groupByStyle: Handler = ({ dependency_results: results, metadata }) => {
  const packages = Object.values(results).flatMap(({ result }) => (result as unknown as Findings).packages);
  const groups = cluster(packages.map(densities), Number(metadata?.['groups']));
  return groups.map((members) => members.map((n) => packages[n]?.package));
};

await work({ research, ml: groupByStyle });
