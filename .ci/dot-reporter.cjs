// Mocha's own dot reporter with the summary of the run: what `npx mocha` prints.
const { reporters } = require('mocha');
const { withRunSummary } = require('./run-summary.cjs');

module.exports = withRunSummary(reporters.Dot);
