import type { Change } from '../vendor/diff.js';

/** The stretches of both texts in order, what was removed before what was added. Undefined for more changes than `mostChanges`. */
export declare function textChanges(
  before: string,
  after: string,
  diff: typeof import('../vendor/diff.js'),
  mostChanges: number,
): Change[] | undefined;
