// Prints the closing line of .ci/run from vitest's JSON report and exits with 1 if anything failed.
// Usage: node .ci/summary.js <report> <exit code of npm test> <number of other checks that failed>
import { readFileSync } from 'node:fs';

const [file, exitCode, failedChecks] = process.argv.slice(2);
const {
  numPassedTests: passed = 0,
  numFailedTests = 0,
  numPendingTests = 0,
  numTodoTests = 0,
  testResults = [],
} = readReport(file);

// A file that cannot be loaded has no tests that could fail: it counts as one.
const unloaded = testResults.filter(({ status, assertionResults }) => {
  return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
});
const failedTests = numFailedTests + unloaded.length;
// So does whatever else made `npm test` fail: an error outside of any test, or a run that left no report.
const failed = (failedTests === 0 && exitCode !== '0' ? 1 : failedTests) + Number(failedChecks);
const skipped = numPendingTests + numTodoTests;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

/** What vitest wrote, or nothing if it did not come to that. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}
