// Mocha's own spec reporter with the summary of the run: what `npm test` prints.
const { reporters } = require('mocha');
const { withRunSummary } = require('./run-summary.cjs');

module.exports = withRunSummary(reporters.Spec);
