import { emptyFrame } from '../../lib/engine/frame.js';
import { enter } from '../../lib/engine/scope.js';

// Every receiver of a spec is on this machine: without this, all that count requests would see those of live traces, too.
process.env.PANDAPROBE_LIVE ??= 'false';

/** A handle that one spec leaves open must not be current in the next: mocha runs all of them in one flow of control. */
export const mochaHooks = {
  beforeEach(): void {
    enter(emptyFrame);
  },
};
