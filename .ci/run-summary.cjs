// Adds to a reporter of mocha, printed after its own summary: the tests that were retried, which a retry would hide, and
// the spec files that took longest. What .ci/run adds up and prints at its end goes to the file that TEST_COUNTS names,
// as JSON: the counts, and each test that failed.
const { writeFileSync } = require('node:fs');
const { relative } = require('node:path');

const filesShown = 10;

/** How long the process may go on after its last test, in seconds. Then it is ended, and the open handles are printed. */
const secondsToEnd = Number(process.env.SECONDS_TO_END ?? 20);

/**
 * Ends the process if a spec has left something open that would keep it, and the whole check, running for ever. That is a fault,
 * unless a test was retried, because its first try may have left something open.
 */
function endWhenNothingElseDoes({ failures, hasRetried, print }) {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    print('  The process did not end %d s after its last test. Open: %s', secondsToEnd, open);
    process.once('exit', () => {
      // Mocha sets its own in a listener before this one.
      process.exitCode = failures > 0 ? Math.min(failures, 255) : Number(!hasRetried);
    });
    process.exit();
  }, 1000 * secondsToEnd).unref();
}

/** `Reporter` with the two lists at the end of the run; `retried` has an entry for each test that was tried again. */
exports.withRunSummary = (Reporter) =>
  class extends Reporter {
    #seconds = new Map();
    #retried = new Map();
    #failed = [];

    constructor(runner, options) {
      super(runner, options);
      const starts = new Map();
      runner.on('suite', (suite) => starts.set(suite, performance.now()));
      runner.on('suite end', (suite) => {
        // Suites of suites are part of their parent's time. Hooks count: a spec's server starts in one.
        if (suite.root || !suite.parent.root || suite.file === undefined) return;
        const took = (performance.now() - starts.get(suite)) / 1000;
        this.#seconds.set(suite.file, (this.#seconds.get(suite.file) ?? 0) + took);
      });
      runner.on('fail', (test, error) => {
        const text = String(error?.stack ?? error?.message ?? error);
        this.#failed.push({
          title: test.fullTitle(),
          file: relative(process.cwd(), test.file ?? ''),
          error: text.slice(0, 2000),
        });
      });
      runner.on('retry', (test, error) => {
        const key = `${test.file}\n${test.fullTitle()}`;
        const before = this.#retried.get(key);
        this.#retried.set(key, {
          title: test.fullTitle(),
          file: relative(process.cwd(), test.file ?? ''),
          times: (before?.times ?? 0) + 1,
          error: before?.error ?? String(error?.message ?? error).split('\n', 1)[0],
        });
      });
    }

    get retried() {
      return [...this.#retried.values()];
    }

    /** Mocha calls it after the reporter's own summary. */
    done(failures, fn) {
      const print = Reporter.consoleLog;
      if (this.#retried.size > 0) print('  %d retried:\n', this.#retried.size);
      for (const { title, file, times, error } of this.retried) {
        print('    %s (%s): %s, first for: %s', title, file, times === 1 ? 'once' : `${times} times`, error);
      }
      if (this.#retried.size > 0) print('');
      const slowest = [...this.#seconds].sort(([, a], [, b]) => b - a).slice(0, filesShown);
      if (slowest.length > 1) {
        print('  Slowest spec files:\n');
        for (const [file, seconds] of slowest) {
          print('    %s s  %s', seconds.toFixed(1).padStart(6), relative(process.cwd(), file));
        }
        print('');
      }
      const { passes, pending, failures: failed } = this.stats;
      const counts = { passed: passes, failed, skipped: pending, retried: this.retried.length, failures: this.#failed };
      const countsFile = process.env.TEST_COUNTS;
      if (countsFile) writeFileSync(countsFile, JSON.stringify(counts));
      endWhenNothingElseDoes({ failures, hasRetried: this.retried.length > 0, print });
      if (fn) fn(failures);
    }
  };
