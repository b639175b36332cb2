// Two traces side by side: their steps, and what went in and came out of each.

import { h } from '../core/dom.js';
import { count, duration, exactTime, money } from '../core/format.js';
import { hrefTo, noteParams } from '../core/route.js';
import { kindSign, statusSign } from '../core/signs.js';
import { buildTree } from '../trace/span-tree.js';
import { alignTrees } from './align.js';
import { drawDiff } from './text-diff.js';

/** @import {Trace} from '../shapes.js' */
/** @import {SpanNode} from '../trace/span-tree.js' */
/** @import {Pair} from './align.js' */
/** @import {Diff} from './text-diff.js' */

/** Steps that are drawn. */
const mostRows = 500;

/**
 * @param {HTMLElement} place
 * @param {Trace} left
 * @param {Trace} right
 * @param {Diff | undefined} diff
 * @param {string} chosen the number of the step whose texts are shown
 */
export function drawComparison(place, left, right, diff, chosen) {
  const [one, other] = [buildTree(left, Date.now()), buildTree(right, Date.now())];
  const pairs = alignTrees(one.root, other.root);
  const texts = h('div', { class: 'compare-texts', 'aria-live': 'polite' });
  const rows = pairs.slice(0, mostRows).map((pair, at) => drawPair(pair, () => select(at)));

  /** @param {number} at */
  function select(at) {
    const pair = pairs[at];
    if (pair === undefined) return;
    noteParams({ step: String(at) });
    rows.forEach((row, each) => {
      row.setAttribute('aria-current', String(each === at));
    });
    const [before, after] = [pair.left?.span ?? (pair.left && left), pair.right?.span ?? (pair.right && right)];
    texts.replaceChildren(
      h('h2', {}, nameOf(pair), h('span', { class: 'muted' }, ` ${sideOf(pair)}`)),
      ...[
        drawDiff('Input', before?.input, after?.input, diff),
        drawDiff('Output', before?.output, after?.output, diff),
        drawDiff('Error', pair.left?.span?.error, pair.right?.span?.error, diff),
        drawDiff('Parameters', pair.left?.span?.model_parameters, pair.right?.span?.model_parameters, diff),
      ].filter((part) => part !== null),
    );
    if (texts.childElementCount === 1) texts.append(h('p', { class: 'muted' }, 'Nothing went in or came out of it.'));
  }

  place.replaceChildren(
    h('header', { class: 'compare-head' }, h('h1', {}, 'Compare'), trace('A', left), trace('B', right)),
    h(
      'div',
      { class: 'compare-body' },
      h(
        'div',
        { class: 'list-body' },
        h(
          'table',
          { class: 'rows compare', 'aria-label': 'Steps of both' },
          h(
            'thead',
            {},
            h('tr', {}, ...['Step', 'Duration', 'Tokens', 'Cost'].map((title) => h('th', { scope: 'col' }, title))),
          ),
          h('tbody', {}, ...rows),
        ),
        pairs.length > mostRows
          ? h('p', { class: 'muted rest' }, `${count(pairs.length - mostRows)} more steps are not shown.`)
          : '',
      ),
      texts,
    ),
  );
  select(Math.min(Number(chosen) || 0, rows.length - 1));
}

/** @param {string} side @param {Trace} of */
function trace(side, of) {
  return h(
    'p',
    {},
    h('b', { class: 'side', 'data-side': side }, side),
    ' ',
    h('a', { href: hrefTo('trace', of.trace_id) }, of.name),
    ' ',
    statusSign(of.status),
    h('span', { class: 'muted' }, ` ${exactTime(of.started_at)}${of.release === null ? '' : ` · ${of.release}`}`),
  );
}

/** @param {Pair} pair @param {() => void} onSelect */
function drawPair(pair, onSelect) {
  const { left, right, depth } = pair;
  const node = /** @type {SpanNode} */ (left ?? right);
  const sides = [left, right];
  const figures = (/** @type {(node: SpanNode) => number} */ of, /** @type {(value: number) => string} */ format) => {
    const [a, b] = sides.map((each) => (each === undefined ? Number.NaN : of(each)));
    return change(a ?? Number.NaN, b ?? Number.NaN, format);
  };
  const row = h(
    'tr',
    { 'data-only': left === undefined ? 'B' : right === undefined ? 'A' : undefined },
    h(
      'td',
      {},
      h(
        'span',
        { class: 'step-name', vars: { '--depth': Math.min(depth, 16) } },
        kindSign(node.kind, true),
        h('button', { class: 'link', type: 'button', onclick: onSelect }, nameOf(pair)),
        left === undefined || right === undefined ? h('span', { class: 'muted' }, sideOf(pair)) : null,
        sides.some((each) => each?.hasFailed) && h('span', { class: 'failed' }, failures(pair)),
      ),
    ),
    h(
      'td',
      {},
      figures((each) => (each.isOpen ? Number.NaN : each.end - each.start), duration),
    ),
    h('td', {}, figures(tokensOf, count)),
    h(
      'td',
      {},
      figures((each) => Number(each.span?.cost?.total ?? Number.NaN), money),
    ),
  );
  row.addEventListener('click', onSelect);
  return row;
}

/** `1.20 s → 0.90 s (−25 %)`. @param {number} a @param {number} b @param {(value: number) => string} format */
function change(a, b, format) {
  const [isA, isB] = [Number.isFinite(a), Number.isFinite(b)];
  if (!isA && !isB) return '–';
  if (!isA || !isB) return isA ? `${format(a)} → –` : `– → ${format(b)}`;
  if (format(a) === format(b)) return format(a);
  const percent = a === 0 ? '' : ` (${b > a ? '+' : '−'}${Math.round(Math.abs(b / a - 1) * 100)}\u00a0%)`;
  return h('span', { class: b > a ? 'more-of' : 'less-of' }, `${format(a)} → ${format(b)}${percent}`);
}

/** @param {SpanNode} node */
function tokensOf({ span }) {
  const { prompt_tokens: prompt, completion_tokens: completion } = span?.token_usage ?? {};
  const sum = (Number(prompt) || 0) + (Number(completion) || 0);
  return sum === 0 ? Number.NaN : sum;
}

/** @param {Pair} pair */
function nameOf({ left, right }) {
  return left?.name ?? right?.name ?? '';
}

/** @param {Pair} pair */
function sideOf({ left, right }) {
  if (left !== undefined && right !== undefined) return '';
  return left === undefined ? 'only in B' : 'only in A';
}

/** @param {Pair} pair */
function failures({ left, right }) {
  if (left?.hasFailed && right?.hasFailed) return '✕ both failed';
  return left?.hasFailed ? '✕ failed in A' : '✕ failed in B';
}
