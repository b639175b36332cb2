// The differences between two texts or values, marked within the text.

import { h } from '../core/dom.js';
import { drawText } from '../values/json-tree.js';
import { textOf } from '../values/value-text.js';
import { textChanges } from './text-changes.js';

/** Texts with more changes are shown one after the other. */
const mostChanges = 3000;
/** How many characters are shown at each end of a common part. */
const context = 160;

/** @typedef {typeof import('../vendor/diff.js')} Diff */

/** @param {string} title @param {unknown} before @param {unknown} after @param {Diff | undefined} diff */
export function drawDiff(title, before, after, diff) {
  const [one, other] = [textOf(before), textOf(after)];
  if (one === '' && other === '') return null;
  const section = (/** @type {string} */ told, /** @type {(Node | string)[]} */ ...body) =>
    h(
      'section',
      { class: 'section', 'aria-label': title },
      h('header', {}, h('h3', {}, title), h('span', { class: 'muted' }, told)),
      ...body,
    );
  if (one === other) return section('the same in both', h('details', {}, h('summary', {}, 'Show it'), drawText(one)));
  const changes = diff && textChanges(one, other, diff, mostChanges);
  if (changes === undefined) {
    return section(
      'too different to compare',
      h('div', { class: 'both' }, h('del', {}, drawText(one)), h('ins', {}, drawText(other))),
    );
  }
  const parts = changes.map(({ value, added, removed }, at) => {
    if (added) return h('ins', {}, value);
    if (removed) return h('del', {}, value);
    return shortened(value, at === 0, at === changes.length - 1);
  });
  return section('', h('div', { class: 'diff text', dir: 'auto' }, ...parts));
}

/** @param {string} text @param {boolean} isFirst @param {boolean} isLast */
function shortened(text, isFirst, isLast) {
  if (text.length <= 3 * context) return text;
  return `${isFirst ? '' : text.slice(0, context)}\n ⋯ \n${isLast ? '' : text.slice(-context)}`;
}
