// One row of the tree: its place in it, its sign, name and duration, its bar.

import { h } from '../core/dom.js';
import { kindSign } from '../core/signs.js';
import { tookOf } from './span-tree.js';
import { drawBar } from './waterfall.js';

/** @import {SpanNode} from './span-tree.js' */
/** @import {Range} from './waterfall.js' */

/**
 * @param {SpanNode} node
 * @param {{isOpen: boolean, isMatch: boolean, range: Range}} as `isOpen`: the steps below it are shown; `range`: that of the time
 * axis
 */
export function drawRow(node, { isOpen, isMatch, range }) {
  const hasChildren = node.children.length > 0;
  return h(
    'div',
    {
      class: 'row',
      role: 'treeitem',
      id: `row-${node.order}`,
      'data-id': node.id,
      'data-failed': node.hasFailed && !node.isCaught,
      'data-match': isMatch,
      'aria-level': node.depth + 1,
      'aria-setsize': node.parent?.children.length ?? 1,
      'aria-posinset': node.position,
      'aria-expanded': hasChildren ? String(isOpen) : undefined,
      'aria-selected': 'false',
    },
    h(
      'span',
      { class: node.depth === 0 ? 'label' : 'label below', vars: { '--depth': node.depth } },
      h('span', { class: 'twisty', 'aria-hidden': 'true' }, hasChildren ? (isOpen ? '▾' : '▸') : ''),
      // A screen reader reads out the texts of the row. The spaces keep its words apart and are not drawn.
      kindSign(node.kind, true),
      ' ',
      h('span', { class: 'name', title: node.name }, node.name),
      ' ',
      node.hasFailed &&
        (node.isCaught
          ? h('span', { class: 'caught', title: 'It failed, and the run went on' }, '✕ caught')
          : h('span', { class: 'failed' }, '✕ error')),
      !node.hasFailed && !isOpen && node.failures > 0 && h('span', { class: 'failed' }, `✕ ${node.failures}`),
      node.isStray && h('span', { class: 'muted', title: 'Its parent is not in the trace' }, 'parent missing'),
      ' ',
      h('span', { class: 'model' }, node.span?.model ?? ''),
      ' ',
    ),
    h('span', { class: 'took' }, tookOf(node)),
    drawBar(node, range),
  );
}
