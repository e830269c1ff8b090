/**
 * Each clause of each condition is needed: without it, at least one case fails. Running the cases shows where each
 * condition is used, and reading the adapters shows that none is missing.
 */
import { describe, expect, test } from 'vitest';
import { agentCases } from './agent-cases.ts';
import { clausesOf } from './clauses.ts';
import { graphCountCases } from './graph-count-cases.ts';
import { formatCases } from './format-cases.ts';
import { instanceCases } from './instance-cases.ts';
import { namedConditions } from './named-conditions.ts';
import { placeCases } from './place-cases.ts';
import { profileCases } from './profile-cases.ts';
import { runCase, type Case, type Omission } from './sites.ts';
import { statisticsCases } from './statistics-cases.ts';
import { taskCases } from './task-cases.ts';

const cases: Record<string, Case> = {
  ...taskCases,
  ...agentCases,
  ...instanceCases,
  ...profileCases,
  ...placeCases,
  ...statisticsCases,
  ...formatCases,
  ...graphCountCases,
};

/** The condition at each site, and the cases that reach it. */
const sites = new Map<string, { expression: string; cases: Case[] }>();

describe('a write under a condition', () => {
  test.for(Object.entries(cases))('%s', async ([, run]) => {
    for (const [site, expression] of await runCase(run)) {
      const entry = sites.get(site) ?? { expression, cases: [] };
      sites.set(site, entry);
      entry.cases.push(run);
    }
  });
});

test('every clause of every condition is needed', { timeout: 120_000 }, async () => {
  const unneeded: string[] = [];
  for (const [site, { expression, cases: candidates }] of sites) {
    for (const clause of new Set(clausesOf(expression).map(({ text }) => text))) {
      if (!(await isNeeded({ site, clause }, candidates))) unneeded.push(`${clause}, in ${site}`);
    }
  }
  expect(unneeded).toEqual([]);
});

test('the cases cover every named condition', () => {
  const seen = new Set([...sites.values()].flatMap(({ expression }) => clausesOf(expression).map(({ text }) => text)));
  expect(namedConditions().filter(({ clauses }) => clauses.some((clause) => !seen.has(clause)))).toEqual([]);
});

async function isNeeded(omission: Omission, candidates: readonly Case[]): Promise<boolean> {
  for (const run of candidates) {
    const failed = await runCase(run, omission).then(
      () => false,
      () => true,
    );
    if (failed) return true;
  }
  return false;
}
