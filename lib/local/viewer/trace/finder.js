// Finds steps of the open trace by words in their names, models, errors, inputs, outputs or metadata.

import { h } from '../core/dom.js';
import { count } from '../core/format.js';
import { textOf } from './span-text.js';

/** @import {Span, Trace} from '../shapes.js' */
/** @import {SpanNode} from './span-tree.js' */

/**
 * @param {object} tree
 * @param {() => readonly SpanNode[]} tree.nodes
 * @param {(node: SpanNode) => Span | Trace | undefined} tree.recordOf what stands behind a row
 * @param {(id: string) => void} tree.select
 * @param {(ids: ReadonlySet<string>) => void} tree.mark
 * @param {() => void} tree.onChange other words are looked for
 */
export function drawFinder({ nodes, recordOf, select, mark, onChange }) {
  const field = h('input', {
    type: 'search',
    placeholder: 'Find in this trace',
    title: 'Names, models, errors, inputs, outputs and metadata; Enter goes to the next step that has it',
    'aria-label': 'Find a step by any word in it',
    spellcheck: 'false',
  });
  const told = h('span', { class: 'muted told', role: 'status' });
  /** @type {SpanNode[]} */
  let found = [];
  let at = -1;

  const wordsOf = () => field.value.trim().toLowerCase();

  function search() {
    const current = found[at]?.id;
    const words = wordsOf();
    const has = (/** @type {SpanNode} */ node) => textOf(recordOf(node)).includes(words);
    const [root, ...spans] = words === '' ? [] : nodes();
    found = spans.filter(has);
    // The trace itself usually has the same words as its first step.
    if (found.length === 0 && root !== undefined && has(root)) found = [root];
    // After an update of the trace, the selected hit may have another index.
    at = current === undefined ? -1 : found.findIndex(({ id }) => id === current);
    mark(new Set(found.map(({ id }) => id)));
    showPosition();
  }

  function showPosition() {
    if (field.value.trim() === '') told.textContent = '';
    else if (found.length === 0) told.textContent = 'none';
    else told.textContent = at === -1 ? count(found.length) : `${at + 1} of ${count(found.length)}`;
  }

  field.addEventListener('input', () => {
    at = -1;
    search();
    onChange();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || found.length === 0) return;
    at = (at + (event.shiftKey ? found.length - 1 : 1) + (at === -1 && event.shiftKey ? 1 : 0)) % found.length;
    select(found[at]?.id ?? '');
    showPosition();
  });

  return {
    element: h('div', { class: 'finder', role: 'search' }, field, told),
    /** The searched words, in lower case. */
    words: wordsOf,
    /** Searches again, after new data. */
    refresh() {
      if (field.value.trim() !== '') search();
    },
  };
}
