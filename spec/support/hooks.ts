import type { Context } from 'mocha';
import { emptyFrame } from '../../lib/engine/frame.js';
import { enter } from '../../lib/engine/scope.js';

// Every receiver of a spec is on this machine: without this, all that count requests would see those of live traces, too.
process.env.PANDAPROBE_LIVE ??= 'false';

/** Where the machine is shared: a test that fails is tried once more there, and the run's summary names it. */
const retriesOfCI = process.env.CI === undefined ? 0 : 1;
/** There, with others at work on it, a test may take this many times as long before it counts as one that hangs. */
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
