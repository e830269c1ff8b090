// Prints the closing line of .ci/run from vitest's JSON reports and exits with 1 if anything failed.
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
  failed += failedTests === 0 && exitCode !== '0' ? 1 : failedTests;
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

/** What vitest wrote, or nothing if it did not come to that. */
function readReport(path) {
  const nothing = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  try {
    return { ...nothing, ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return nothing;
  }
}
