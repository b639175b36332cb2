// Finds spans of the open trace by name, kind, model or error.

import { h } from '../core/dom.js';
import { count } from '../core/format.js';

/** @import {SpanNode} from './span-tree.js' */

/**
 * @param {object} tree
 * @param {() => readonly SpanNode[]} tree.nodes
 * @param {(id: string) => void} tree.select
 * @param {(ids: ReadonlySet<string>) => void} tree.mark
 */
export function drawFinder({ nodes, select, mark }) {
  const field = h('input', {
    type: 'search',
    placeholder: 'Find a span',
    'aria-label': 'Find a span by name, kind, model or error',
    spellcheck: 'false',
  });
  const told = h('span', { class: 'muted told', role: 'status' });
  /** @type {SpanNode[]} */
  let found = [];
  let at = -1;

  function search() {
    const current = found[at]?.id;
    const words = field.value.trim().toLowerCase();
    found = words === '' ? [] : nodes().filter((node) => node.span !== undefined && textOf(node).includes(words));
    // After other data, the one that was gone to may stand elsewhere.
    at = current === undefined ? -1 : found.findIndex(({ id }) => id === current);
    mark(new Set(found.map(({ id }) => id)));
    tell();
  }

  function tell() {
    if (field.value.trim() === '') told.textContent = '';
    else if (found.length === 0) told.textContent = 'none';
    else told.textContent = at === -1 ? count(found.length) : `${at + 1} of ${count(found.length)}`;
  }

  field.addEventListener('input', () => {
    at = -1;
    search();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || found.length === 0) return;
    at = (at + (event.shiftKey ? found.length - 1 : 1) + (at === -1 && event.shiftKey ? 1 : 0)) % found.length;
    select(found[at]?.id ?? '');
    tell();
  });

  return {
    element: h('div', { class: 'finder', role: 'search' }, field, told),
    /** After other data. */
    refresh() {
      if (field.value.trim() !== '') search();
    },
  };
}

/** @param {SpanNode} node */
function textOf({ name, kind, span }) {
  return `${name}\n${kind}\n${span?.model ?? ''}\n${span?.error ?? ''}`.toLowerCase();
}
