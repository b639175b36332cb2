// The spans as rows: tree on the left, waterfall on the right. Only rows near the window are in the document, at a
// fixed height each, so that a trace of thousands of spans costs no more than one of fifty.
//
//     scroller (role=tree, has the focus; aria-activedescendant names the selected row)
//     └─ canvas (as high as all rows)
//        ├─ ticks (the lines of the time axis, once behind all rows: a gradient in every row is slow to paint)
//        └─ row (role=treeitem, placed by --row)

import { h, setVars } from '../core/dom.js';
import { visibleRows } from './span-tree.js';
import { drawRow } from './tree-row.js';
import { drawAxis } from './waterfall.js';

/** @import {SpanNode, SpanTree} from './span-tree.js' */

const rowHeight = 28;
const overscan = 12;

/**
 * @param {object} on
 * @param {(node: SpanNode) => void} on.onSelect
 * @param {(node: SpanNode) => void} on.onEnter
 */
export function drawTree({ onSelect, onEnter }) {
  const ticks = h('div', { class: 'ticks', 'aria-hidden': 'true' }, h('span', { class: 'tick-lines' }));
  const canvas = h('div', { class: 'canvas', role: 'none' }, ticks);
  const element = h('div', { class: 'tree', role: 'tree', tabindex: 0, 'aria-label': 'Spans of the trace' }, canvas);
  const axis = h('div', { class: 'axis', 'aria-hidden': 'true' });
  /** @type {Set<string>} */
  const closed = new Set();
  /** @type {Map<SpanNode, HTMLElement>} */
  const drawn = new Map();
  /** @type {SpanTree | undefined} */
  let tree;
  /** @type {SpanNode[]} */
  let rows = [];
  let selectedId = '';
  /** @type {string | undefined} the node the time axis is fitted to */
  let zoomedId;
  /** @type {ReadonlySet<string>} */
  let matches = new Set();
  let isPressed = false;
  /** @type {SpanTree | undefined} data that arrived while a button was pressed: rows must not change under the pointer */
  let waiting;

  const selectedAt = () =>
    Math.max(
      0,
      rows.findIndex(({ id }) => id === selectedId),
    );
  const nodeOf = (/** @type {string} */ id) => (id === '' ? tree?.root : tree?.nodes.get(id));

  function range() {
    const node = (zoomedId === undefined ? undefined : nodeOf(zoomedId)) ?? tree?.root;
    return node === undefined
      ? { start: 0, end: 1 }
      : { start: node.start, end: Math.max(node.end, node.start + 0.001) };
  }

  /** Draws all rows again: after new data, folding, or a change of the axis. */
  function redraw() {
    if (tree === undefined) return;
    rows = visibleRows(tree.root, closed);
    drawn.clear();
    canvas.replaceChildren(ticks);
    setVars(canvas, { '--rows': rows.length });
    drawAxis(axis, element, range(), tree.root.start);
    drawWindow();
  }

  /** Adds the visible rows to the document and removes the others. The selected row stays, because it has the focus. */
  function drawWindow() {
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - overscan);
    const last = Math.min(rows.length, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + overscan);
    const visible = new Set(rows.slice(first, last));
    const selected = rows[selectedAt()];
    if (selected) visible.add(selected);
    for (const [node, row] of drawn) {
      if (visible.has(node)) continue;
      row.remove();
      drawn.delete(node);
    }
    const axisRange = range();
    const fresh = document.createDocumentFragment();
    let at = first;
    for (const node of visible) {
      const index = node === selected ? selectedAt() : at;
      if (node === rows[at]) at += 1;
      if (drawn.has(node)) continue;
      const row = drawRow(node, { isOpen: !closed.has(node.id), isMatch: matches.has(node.id), range: axisRange });
      setVars(row, { '--row': index });
      drawn.set(node, row);
      fresh.append(row);
    }
    canvas.append(fresh);
    markSelected();
  }

  function markSelected() {
    for (const [node, row] of drawn) {
      const isSelected = String(node.id === selectedId);
      if (row.getAttribute('aria-selected') !== isSelected) row.setAttribute('aria-selected', isSelected);
    }
    const selected = rows[selectedAt()];
    if (selected) element.setAttribute('aria-activedescendant', `row-${selected.order}`);
  }

  /** @param {SpanNode | undefined} node */
  function select(node) {
    if (node === undefined) return;
    let isHidden = false;
    for (let at = node.parent; at !== undefined; at = at.parent) isHidden = closed.delete(at.id) || isHidden;
    const hasChanged = node.id !== selectedId;
    selectedId = node.id;
    if (isHidden) redraw();
    reveal(selectedAt());
    drawWindow();
    if (hasChanged) onSelect(node);
  }

  /** @param {number} at */
  function reveal(at) {
    const top = at * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight;
  }

  /** @param {SpanNode} node @param {boolean} isClosed */
  function fold(node, isClosed) {
    if (node.children.length === 0) return;
    if (isClosed) closed.add(node.id);
    else closed.delete(node.id);
    redraw();
  }

  /** @param {boolean} isClosed */
  function foldAll(isClosed) {
    closed.clear();
    if (isClosed)
      for (const node of tree?.all ?? []) if (node.span !== undefined && node.children.length > 0) closed.add(node.id);
    redraw();
    if (isClosed) select(nodeOf(''));
  }

  function zoom() {
    zoomedId = zoomedId === undefined && selectedId !== '' ? selectedId : undefined;
    element.dataset.zoomed = String(zoomedId !== undefined);
    redraw();
  }

  /** Shows first or newer data of the trace. Folding, selection and scroll position stay. @param {SpanTree} next */
  function show(next) {
    if (isPressed) {
      waiting = next;
      return;
    }
    tree = next;
    if (nodeOf(selectedId) === undefined) selectedId = '';
    redraw();
  }

  element.addEventListener('pointerdown', (event) => {
    // Pressing the scrollbar is harmless, and not every browser reports its end.
    if (/** @type {Element} */ (event.target).closest('.row') === null) return;
    isPressed = true;
    const ended = new AbortController();
    const release = () => {
      ended.abort();
      isPressed = false;
      // Waits for the click event, which comes after this one.
      setTimeout(() => {
        if (waiting !== undefined && !isPressed) show(waiting);
        waiting = undefined;
      });
    };
    addEventListener('pointerup', release, { signal: ended.signal });
    addEventListener('pointercancel', release, { signal: ended.signal });
  });
  element.addEventListener('scroll', drawWindow, { passive: true });
  new ResizeObserver(drawWindow).observe(element);
  element.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const row = target.closest('.row');
    const node = row instanceof HTMLElement ? nodeOf(row.dataset.id ?? '') : undefined;
    if (node === undefined) return;
    if (target.closest('.twisty') !== null) fold(node, !closed.has(node.id));
    select(node);
  });
  element.addEventListener('dblclick', (event) => {
    const target = /** @type {Element} */ (event.target);
    // The two clicks on the arrow have already toggled it.
    if (target.closest('.row') === null || target.closest('.twisty') !== null) return;
    const node = nodeOf(selectedId);
    if (node) fold(node, !closed.has(node.id));
  });

  /** @param {KeyboardEvent} event */
  function key(event) {
    const at = selectedAt();
    const node = rows[at];
    if (node === undefined) return false;
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1);
    /** @type {Record<string, () => void>} */
    const does = {
      ArrowDown: () => select(rows[at + 1]),
      ArrowUp: () => select(rows[at - 1]),
      ArrowRight: () => (closed.has(node.id) ? fold(node, false) : select(node.children[0])),
      ArrowLeft: () =>
        node.children.length > 0 && !closed.has(node.id) && node.parent ? fold(node, true) : select(node.parent),
      Home: () => select(rows[0]),
      End: () => select(rows.at(-1)),
      PageDown: () => select(rows[Math.min(rows.length - 1, at + page)]),
      PageUp: () => select(rows[Math.max(0, at - page)]),
      Enter: () => onEnter(node),
      ' ': () => fold(node, !closed.has(node.id)),
      '*': () => foldAll(false),
      '-': () => foldAll(true),
      z: zoom,
    };
    const action = Object.hasOwn(does, event.key) ? does[event.key] : undefined;
    action?.();
    return action !== undefined;
  }

  return {
    element,
    axis,
    key,
    zoom,
    foldAll,
    select: (/** @type {string} */ id) => select(nodeOf(id)),
    show,
    selectedId: () => selectedId,
    /** @param {ReadonlySet<string>} next */
    mark(next) {
      matches = next;
      redraw();
    },
  };
}
