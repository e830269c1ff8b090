// Prints the failures once more and the last line of .ci/run, from vitest's JSON reports; exits with 1 if anything
// failed. So the end of the output says which test failed and why. Usage: node .ci/summary.js <number of other failed
// checks> [<exit code of the tests>:<report> ...]
import { readFileSync } from 'node:fs';

const [failedChecks, ...runs] = process.argv.slice(2);
let passed = 0;
// Without any run, the tests were not even started.
let failed = Number(failedChecks) + (runs.length === 0 ? 1 : 0);
let skipped = 0;

for (const run of runs) {
  const [, exitCode, file] = /^(\d+):(.*)$/.exec(run);
  const report = readReport(file);
  // A file that cannot be loaded has no tests that could fail, so it counts as one failure.
  const unloaded = report.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
  });
  const failedTests = report.numFailedTests + unloaded.length;
  // So does anything else that makes the run fail: an error outside any test, or a run without a report.
  const brokenRun = failedTests === 0 && exitCode !== '0';
  failed += brokenRun ? 1 : failedTests;
  printFailures(report);
  if (brokenRun) console.log(`FAILED a run ended with ${exitCode}, though no test of its report failed`);
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

/** Prints the names of a report's failed tests, and the first lines of each failure. */
function printFailures({ testResults }) {
  for (const { name, message, status, assertionResults } of testResults) {
    const tests = assertionResults.filter((test) => test.status === 'failed');
    const failures = tests.map((test) => ({ title: test.fullName, why: test.failureMessages.join('\n') }));
    if (status === 'failed' && tests.length === 0) failures.push({ title: 'the file itself', why: message });
    for (const { title, why } of failures)
      console.log(`FAILED ${name}: ${title}\n${why.split('\n').slice(0, 20).join('\n')}`);
  }
}

/** The content of a report, or nothing if vitest did not write it. */
function readReport(path) {
  const nothing = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  try {
    return { ...nothing, ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return nothing;
  }
}
