/** analysis_bot: analyzes and charts the findings of a dependency, which come with the claim. */
import { densities, patterns, type Analysis, type Findings, type PackageFindings } from './findings.ts';
import { work, type Handler } from './work.ts';

const chartWidth = 30;

const analysis: Handler = ({ dependency_results: results }) => {
  const packages = Object.values(results).flatMap(({ result }) => (result as unknown as Findings).packages);
  const lines = packages.reduce((sum, one) => sum + one.lines, 0);
  const names = Object.keys(patterns);
  const top = names.map((name, n) => {
    const [most] = packages.toSorted((one, other) => (densities(other)[n] ?? 0) - (densities(one)[n] ?? 0));
    return `${name}: ${total(packages, name)}, densest in ${most?.package}`;
  });
  return {
    sentences: [`${lines} lines of ${packages.length} packages`, ...top],
    chart: chartOf(names.map((name) => [name, (total(packages, name) * 1000) / lines])),
  } satisfies Analysis;
};

const total = (packages: readonly PackageFindings[], name: string) =>
  packages.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);

/** Horizontal bars, scaled to the longest. */
function chartOf(values: readonly (readonly [name: string, perThousandLines: number])[]): string[] {
  const longest = Math.max(...values.map(([, value]) => value));
  const label = Math.max(...values.map(([name]) => name.length));
  return values.map(([name, value]) => {
    const bar = '#'.repeat(Math.round((value / longest) * chartWidth));
    return `${name.padEnd(label)} ${value.toFixed(2).padStart(6)} per 1,000 lines ${bar}`;
  });
}

await work({ analysis });
