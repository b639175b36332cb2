import { emptyFrame } from '../../lib/engine/frame.js';
import { enter } from '../../lib/engine/scope.js';

/** A handle that one spec leaves open must not be current in the next: mocha runs all of them in one flow of control. */
export const mochaHooks = {
  beforeEach(): void {
    enter(emptyFrame);
  },
};
