import type { Change } from '../vendor/diff.js';

/** The stretches of both texts in order, what was removed before what was added. Undefined when too much differs. */
export declare function textChanges(
  before: string,
  after: string,
  diff: typeof import('../vendor/diff.js'),
): Change[] | undefined;
