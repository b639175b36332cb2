// The time axis above the tree and the bar of one span.

import { h, setVars } from '../core/dom.js';
import { duration, durationTick } from '../core/format.js';
import { gapsOf, tookOf } from './span-tree.js';

/** @import {SpanNode} from './span-tree.js' */

/** @typedef {{start: number, end: number}} Range in ms since 1970 */

/** Gaps below this share of the axis cannot be seen. */
const leastGapShare = 0.008;

/**
 * The distance between ticks for about `count` ticks: 1, 2 or 5 times a power of ten.
 *
 * @param {number} length
 * @param {number} count
 */
export function tickStep(length, count) {
  const rough = length / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  return factor * power;
}

/**
 * Labels the axis, and sets the same ticks behind the bars.
 *
 * @param {HTMLElement} axis
 * @param {HTMLElement} tree
 * @param {Range} range
 * @param {number} origin the start of the trace, from which the labels count
 */
export function drawAxis(axis, tree, range, origin) {
  const length = Math.max(range.end - range.start, 0.001);
  const step = tickStep(length, 6);
  const first = Math.ceil((range.start - origin) / step - 1e-9) * step;
  const ticks = [];
  for (let at = first; at <= range.end - origin + 1e-9; at += step) {
    const share = (origin + at - range.start) / length;
    // The last label would not fit at the right edge.
    if (share > 0.96) break;
    ticks.push(h('span', { class: 'tick', vars: { '--at': share } }, durationTick(at, step)));
  }
  axis.replaceChildren(...ticks);
  setVars(tree, { '--tick': step / length, '--tick-from': (origin + first - range.start) / length });
}

/**
 * The bar of a span: its time, the gaps between its children, its first token.
 *
 * @param {SpanNode} node
 * @param {Range} range
 */
export function drawBar(node, range) {
  const length = Math.max(range.end - range.start, 0.001);
  const share = (/** @type {number} */ time) => (time - range.start) / length;
  const [from, to] = [Math.max(0, share(node.start)), Math.min(1, share(node.end))];
  if (to < 0 || from > 1) return h('span', { class: 'track', 'aria-hidden': 'true' });
  const ownLength = Math.max(node.end - node.start, 0.001);
  const within = (/** @type {number} */ time) => (time - node.start) / ownLength;
  const isWhole = node.start >= range.start && node.end <= range.end;
  const gaps = isWhole ? gapsOf(node, length * leastGapShare) : [];
  const bar = h(
    'span',
    {
      class: 'bar',
      'data-kind': node.kind,
      'data-failed': node.hasFailed,
      'data-open': node.isOpen,
      vars: { '--from': from, '--size': to - from },
      title: barTitle(node),
    },
    ...gaps.map((gap) =>
      h('span', {
        class: 'gap',
        title: `gap of ${duration(gap.end - gap.start)}: no step below runs`,
        vars: { '--from': within(gap.start), '--size': (gap.end - gap.start) / ownLength },
      }),
    ),
  );
  const first = share(node.firstToken);
  const mark =
    first >= 0 &&
    first <= 1 &&
    h('span', {
      class: 'first-token',
      title: `first token after ${duration(node.firstToken - node.start)}`,
      vars: { '--at': first },
    });
  return h('span', { class: 'track', 'aria-hidden': 'true' }, bar, mark);
}

/** @param {SpanNode} node */
function barTitle(node) {
  const first = Number.isNaN(node.firstToken) ? '' : `, first token after ${duration(node.firstToken - node.start)}`;
  return `${node.name}: ${node.isRunning ? `${duration(node.end - node.start)} so far` : tookOf(node)}${first}`;
}
