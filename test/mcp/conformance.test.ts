import { describe } from 'vitest';
import { runConformance, type Check } from '../support/conformance.ts';
import { expect, test as base } from '../support/muster.ts';

/**
 * Checks that do not apply to Muster. Most of them call tools, resources and prompts of the suite's own reference
 * server. Everything else must pass.
 */
const notApplicable: { because: string; scenario: RegExp; id?: RegExp }[] = [
  { because: 'calls tools that only the reference server has', scenario: /^tools-call-|^json-schema-2020-12$/ },
  { because: 'Muster has no resources', scenario: /^resources-|^sep-2164-resource-not-found$/ },
  { because: 'Muster has no resources', scenario: /^caching$/, id: /-resources-/ },
  { because: 'Muster has no prompts', scenario: /^prompts-/ },
  { because: 'Muster has no prompts', scenario: /^caching$/, id: /-prompts-/ },
  { because: 'Muster completes no arguments', scenario: /^completion-complete$/ },
  { because: 'Muster sends no log to clients', scenario: /^logging-set-level$/ },
  { because: 'Muster sends no log to clients', scenario: /^server-stateless$/, id: /no-log-without-loglevel$/ },
  { because: 'Muster asks its clients nothing', scenario: /^elicitation-|^input-required-result-/ },
  {
    because: 'Muster asks its clients nothing',
    scenario: /^server-stateless$/,
    id: /undeclared-capability$|missing-capability|no-independent-requests/,
  },
  { because: 'Muster keeps no sessions and no streams that could be resumed', scenario: /^server-sse-/ },
  { because: 'Muster mirrors no arguments in headers', scenario: /^http-custom-header-server-validation$/ },
  { because: 'Muster does not have the extension for tasks', scenario: /^tasks-/ },
];

const isApplicable = ({ scenario, id }: Check) =>
  id.startsWith('wire-schema') ||
  !notApplicable.some((one) => one.scenario.test(scenario) && (one.id?.test(id) ?? true));

const isFailure = (check: Check) => ['FAILURE', 'WARNING'].includes(check.status) && isApplicable(check);

const revisions = [
  { revision: '2025-11-25', mustPass: ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'] },
  {
    revision: '2026-07-28',
    mustPass: ['server-stateless', 'tools-list', 'dns-rebinding-protection', 'caching', 'http-header-validation'],
  },
];

/** One run per revision, started by the first test that needs it. */
const withRuns = base.extend('runs', { scope: 'file' }, () => new Map<string, Promise<Check[]>>());

describe.each(revisions)('the official conformance suite for $revision', ({ revision, mustPass }) => {
  const test = withRuns.extend('checks', ({ runs, muster }) => {
    const target = { url: muster.local.url, key: muster.keys.admin };
    const run = runs.get(revision) ?? runConformance(target, revision, isFailure);
    runs.set(revision, run);
    return run;
  });

  test('finds no faults in what Muster has', ({ checks }) => {
    expect(checks.filter(isFailure)).toEqual([]);
  });

  test("sees no message that is invalid by the protocol's schema", ({ checks }) => {
    const ofMessages = checks.filter(({ id }) => id === 'wire-schema-valid');
    expect(ofMessages.length).toBeGreaterThan(20);
    expect(new Set(ofMessages.map(({ status }) => status))).toEqual(new Set(['SUCCESS']));
  });

  test.for(mustPass)('was able to check %s', (scenario, { checks }) => {
    const passed = checks.filter((check) => check.scenario === scenario && check.status === 'SUCCESS');
    expect(passed.length).toBeGreaterThan(1);
  });
});
