import type { Context } from 'mocha';
import { emptyFrame } from '../../lib/engine/frame.js';
import { enter } from '../../lib/engine/scope.js';

// All receivers of specs are on this machine, so live traces would be sent to them, and specs that count requests would fail.
process.env.PANDAPROBE_LIVE ??= 'false';

/** On a build server, whose machine may be shared, a failed test is tried once more, and the run's summary names it. */
const retriesOfCI = process.env.CI === undefined ? 0 : 1;
/** On a build server, a test may take this many times as long before it counts as hanging. */
const patienceOfCI = process.env.CI === undefined ? 1 : 3;

/** A handle that one spec leaves open must not be current in the next: mocha runs all of them in one flow of control. */
export const mochaHooks = {
  beforeAll(this: Context): void {
    this.test?.parent?.eachTest((test) => {
      if (test.retries() < 1) test.retries(retriesOfCI);
      test.timeout(test.timeout() * patienceOfCI);
    });
  },
  beforeEach(): void {
    enter(emptyFrame);
  },
};
