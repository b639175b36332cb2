// Finds the parts that two texts have in common, and those that only one has. Pure, because the command line uses it, too.

/** @import {Change} from '../vendor/diff.js' */
/** @typedef {typeof import('../vendor/diff.js')} Diff */

/** Longer texts are compared by lines. */
const mostByWord = 20_000;
/** Text between two changed words that makes them one change. */
const between = /^[^\p{L}\p{N}\n]{1,3}$/u;

/**
 * The stretches of both texts in order, what was removed before what was added. Undefined for more changes than `mostChanges`: the
 * time grows with their square, 3,000 take up to a second.
 *
 * @param {string} before
 * @param {string} after
 * @param {Diff} diff
 * @param {number} mostChanges
 * @returns {Change[] | undefined}
 */
export function textChanges(before, after, diff, mostChanges) {
  const isLong = before.length + after.length > mostByWord;
  const compare = isLong ? diff.diffLines : diff.diffWordsWithSpace;
  const changes = compare(before, after, { maxEditLength: mostChanges });
  return changes === undefined ? undefined : joined(changes);
}

/** Joins changes of consecutive words to one change. @param {readonly Change[]} changes */
function joined(changes) {
  /** @type {Change[]} */
  const all = [];
  let [removed, added] = ['', ''];
  const flush = () => {
    if (removed !== '') all.push({ value: removed, removed: true, added: false });
    if (added !== '') all.push({ value: added, removed: false, added: true });
    [removed, added] = ['', ''];
  };
  for (const [at, change] of changes.entries()) {
    const isInside = removed + added !== '' && at < changes.length - 1 && between.test(change.value);
    if (!change.added && !change.removed && !isInside) {
      flush();
      all.push(change);
      continue;
    }
    if (!change.added) removed += change.value;
    if (!change.removed) added += change.value;
  }
  flush();
  return all;
}
