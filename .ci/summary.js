// Prints what failed once more and the closing line of .ci/run, from vitest's JSON reports; exits with 1 if anything failed.
// Who sees only the end of the output still learns which test it was and why.
// Usage: node .ci/summary.js <number of other checks that failed> [<exit code of the tests>:<report> ...]
import { readFileSync } from 'node:fs';

const [failedChecks, ...runs] = process.argv.slice(2);
let passed = 0;
// Without a single run not even the tests were started.
let failed = Number(failedChecks) + (runs.length === 0 ? 1 : 0);
let skipped = 0;

for (const run of runs) {
  const [, exitCode, file] = /^(\d+):(.*)$/.exec(run);
  const report = readReport(file);
  // A file that cannot be loaded has no tests that could fail: it counts as one.
  const unloaded = report.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
  });
  const failedTests = report.numFailedTests + unloaded.length;
  // So does whatever else made the run fail: an error outside of any test, or a run that left no report.
  const brokenRun = failedTests === 0 && exitCode !== '0';
  failed += brokenRun ? 1 : failedTests;
  printFailures(report);
  if (brokenRun) console.log(`FAILED a run ended with ${exitCode}, though no test of its report failed`);
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

/** The names of the failed tests of a report, and the first lines of why. */
function printFailures({ testResults }) {
  for (const { name, message, status, assertionResults } of testResults) {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    const failures = tests.map((test) => ({ title: test.fullName, why: test.failureMessages.join('\n') }));
    if (status === 'failed' && tests.length === 0) failures.push({ title: 'the file itself', why: message });
    for (const { title, why } of failures)
      console.log(`FAILED ${name}: ${title}\n${why.split('\n').slice(0, 20).join('\n')}`);
  }
}

/** What vitest wrote, or nothing if it did not come to that. */
function readReport(path) {
  const nothing = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  try {
    return { ...nothing, ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return nothing;
  }
}
