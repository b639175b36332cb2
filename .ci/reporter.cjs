// Mocha's own spec reporter with the summary of the run, and the counts as JSON in the file that TEST_COUNTS names, for .ci/run.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');
const { withRunSummary } = require('./run-summary.cjs');

module.exports = class extends withRunSummary(reporters.Spec) {
  done(failures, fn) {
    const { passes, pending, failures: failed } = this.stats;
    const counts = { passed: passes, failed, skipped: pending, retried: this.retried.length };
    const file = process.env.TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(counts));
    super.done(failures, fn);
  }
};
