/** What the researcher looks for in source code. */
export const patterns: Readonly<Record<string, RegExp>> = {
  'async functions': /\basync\s+(?:function\b|\(|\*?\w+\s*(?:\(|=>))/g,
  'concurrent awaits': /\bPromise\.(?:all|allSettled|any|race)\(/g,
  'error classes': /\bclass\s+\w+\s+extends\s+\w*Error\b/g,
  'retry loops': /\b(?:for|while)\s*\([^)\n]*\b(?:retry|retries|attempts?|tries)\b/gi,
  'abort signals': /\bnew Abort(?:Controller|Signal)\b|\bAbortSignal\.\w+\(/g,
};

/** The findings in one package. */
export interface PackageFindings {
  package: string;
  files: number;
  lines: number;
  /** Number of occurrences by pattern. */
  counts: Record<string, number>;
}

/** The result of a research task. */
export interface Findings {
  packages: PackageFindings[];
  /** The first occurrence of each pattern. */
  examples: Record<string, string | undefined>;
}

/** The result of an analysis task. */
export interface Analysis {
  sentences: string[];
  chart: string[];
}

/** Occurrences of each pattern per 1,000 lines. */
export const densities = ({ counts, lines }: PackageFindings): number[] =>
  Object.keys(patterns).map((name) => ((counts[name] ?? 0) * 1000) / lines);
