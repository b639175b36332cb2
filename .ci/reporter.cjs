// Mocha's own spec reporter, and the counts as JSON in the file that TEST_COUNTS names, for .ci/run.
const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  done(failures, fn) {
    const { passes, pending, failures: failed } = this.stats;
    const file = process.env.TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify({ passed: passes, failed, skipped: pending }));
    if (fn) fn(failures);
  }
};
