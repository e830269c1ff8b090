/** The handlers of the demo's agents. Each step takes a while, so that there is something to see. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Handler, Work } from '#clients/sdk/worker/index.ts';

interface Survey {
  module: string;
  functions: number;
  classes: number;
  others: number;
}

const isClass = (value: unknown) =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

/** Counts the exports of a Node.js module. */
export const survey =
  (stepMs: number): Handler =>
  async (work) => {
    const { module, fails_first: failsFirst } = work.task.metadata as { module: string; fails_first: boolean };
    await step(work, stepMs, 10, `loading ${module}`);
    if (failsFirst && work.task.attempt === 1) throw new Error(`${module} was not ready; the next attempt finds it`);
    const exported = Object.values((await import(`node:${module}`)) as object);
    await step(work, stepMs, 50, `${exported.length} exports`);
    const classes = exported.filter(isClass).length;
    const functions = exported.filter((value) => typeof value === 'function').length - classes;
    await step(work, stepMs, 90, `${functions} functions, ${classes} classes`);
    return { module, functions, classes, others: exported.length - functions - classes };
  };

/** Ranks the modules by their number of functions. */
export const analyze =
  (stepMs: number): Handler =>
  async (work) => {
    const surveys = resultsOf(work) as Survey[];
    await step(work, stepMs, 30, `${surveys.length} surveys`);
    const ranking = surveys.toSorted((one, other) => other.functions - one.functions);
    await step(work, stepMs, 80, `first is ${ranking[0]?.module}`);
    return { ranking, functions: surveys.reduce((sum, { functions }) => sum + functions, 0) };
  };

/** Writes the analysis as a Markdown table. */
export const write =
  (stepMs: number): Handler =>
  async (work) => {
    const [analysis] = resultsOf(work) as { ranking: Survey[]; functions: number }[];
    await step(work, stepMs, 50, 'drafting');
    const rows = analysis?.ranking.map(({ module, functions, classes }) => `| ${module} | ${functions} | ${classes} |`);
    return { markdown: ['| module | functions | classes |', '|---|---|---|', ...(rows ?? [])].join('\n') };
  };

const resultsOf = ({ dependencyResults }: Work) =>
  Object.values(dependencyResults).map(({ result }) => result as unknown);

async function step({ progress, signal }: Work, ms: number, percent: number, message: string): Promise<void> {
  progress(percent, message);
  await wait(ms, undefined, { signal });
}
