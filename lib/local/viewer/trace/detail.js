// The details of the selected span, or of the trace itself.

import { h } from '../core/dom.js';
import { count, duration, exactTime, money, plural } from '../core/format.js';
import { copyButton } from '../core/notice.js';
import { kindSign, statusSign } from '../core/signs.js';
import { forms } from '../values/as-code.js';
import { drawValue } from '../values/conversation.js';
import { drawError } from '../values/error-box.js';
import { drawJson } from '../values/json-tree.js';
import { tookOf } from './span-tree.js';

/** @import {Span, Trace} from '../shapes.js' */
/** @import {SpanNode, SpanTree} from './span-tree.js' */

/**
 * @param {SpanNode} node
 * @param {Trace} trace
 * @param {SpanTree} tree
 * @param {(node: SpanNode) => void} goTo
 * @param {() => Trace} current the newest data of the trace
 */
export function drawDetail(node, trace, tree, goTo, current) {
  const { span } = node;
  return span === undefined ? drawTraceItself(trace, node, tree, goTo, current) : drawSpan(span, node, tree.root.start);
}

/**
 * What the details show, as text. While the run goes on, they are drawn again only if this changes.
 *
 * @param {SpanNode} node
 * @param {Trace} trace
 * @param {SpanTree} tree
 */
export function textOfDetail({ id, span, isRunning }, trace, { origin, all }) {
  if (span !== undefined) return `${id} ${JSON.stringify([span, isRunning])}`;
  const { trace_id, name, status, input, output, metadata, started_at, ended_at } = trace;
  const own = { trace_id, name, status, input, output, metadata, started_at, ended_at };
  const caught = caughtIn(all).map((each) => [each.id, each.name]);
  return `${id} ${JSON.stringify([own, isRunning, origin?.span, caught])}`;
}

/** Updates what changes while a span runs, and leaves everything else alone. @param {Element} detail @param {SpanNode} node @param {SpanTree} tree */
export function tellProgress(detail, node, { root }) {
  if (node.span !== undefined)
    detail.querySelector('.progress')?.replaceWith(drawProgress(node.span, node, root.start));
}

/** @param {readonly SpanNode[]} all */
function caughtIn(all) {
  return all.filter(({ isCaught }) => isCaught);
}

/** @param {Trace} trace @param {SpanNode} node @param {SpanTree} tree @param {(node: SpanNode) => void} goTo @param {() => Trace} current */
function drawTraceItself(trace, node, { origin, all }, goTo, current) {
  const caught = caughtIn(all);
  const step = (/** @type {SpanNode} */ each) =>
    h('button', { class: 'link', type: 'button', onclick: () => goTo(each) }, each.name);
  return [
    head(kindSign('TRACE'), trace.name, 'trace', trace.status, current),
    node.hasFailed
      ? drawError(origin?.span?.error ?? trace.metadata.error, (origin?.span ?? trace).metadata, origin && step(origin))
      : null,
    caught.length === 0
      ? null
      : h(
          'p',
          { class: 'muted caught-list' },
          `${plural(caught.length, 'error')} on the way did not end the run: `,
          ...caught.slice(0, 8).flatMap((each, at) => (at === 0 ? [step(each)] : [', ', step(each)])),
        ),
    ...values(trace),
    object('Metadata', node.hasFailed ? withoutException(trace.metadata) : trace.metadata),
    h(
      'dl',
      { class: 'facts' },
      ...pair('Trace id', h('code', {}, trace.trace_id)),
      ...pair('Started', exactTime(trace.started_at)),
      ...pair('Ended', endOf(trace.ended_at, node)),
    ),
  ];
}

/** @param {Span} span @param {SpanNode} node @param {number} origin the start of the trace */
function drawProgress(span, node, origin) {
  const facts = [
    ...pair('Duration', node.isRunning ? `running, ${duration(node.end - node.start)} so far` : tookOf(node)),
    ...pair('Begins', `${duration(Math.max(0, node.start - origin))} into the trace`),
    ...(Number.isNaN(node.firstToken) ? [] : pair('First token', `after ${duration(node.firstToken - node.start)}`)),
    ...(span.model === null ? [] : pair('Model', h('code', {}, span.model))),
    ...(node.children.length === 0 ? [] : pair('Below', plural(node.children.length, 'step'))),
  ];
  return h('dl', { class: 'facts progress' }, ...facts);
}

/** @param {Span} span @param {SpanNode} node @param {number} origin */
function drawSpan(span, node, origin) {
  return [
    head(kindSign(span.kind), span.name, span.kind.toLowerCase(), span.status, () => span),
    drawProgress(span, node, origin),
    span.error === null && span.status !== 'ERROR' ? null : drawError(span.error, span.metadata),
    usage(span),
    span.kind === 'LLM' && span.input !== null ? copyAsCode(span) : null,
    ...values(span),
    object('Parameters', span.model_parameters),
    object('Metadata', span.status === 'ERROR' ? withoutException(span.metadata) : span.metadata),
    h(
      'dl',
      { class: 'facts' },
      ...pair('Span id', h('code', {}, span.span_id)),
      ...pair('Started', exactTime(span.started_at)),
      ...pair('Ended', endOf(span.ended_at, node)),
    ),
  ];
}

/** @param {Node} sign @param {string} name @param {string} kind @param {string} status @param {() => object} whole */
function head(sign, name, kind, status, whole) {
  return h(
    'header',
    { class: 'detail-head' },
    sign,
    h('h2', {}, name),
    h('span', { class: 'muted' }, kind),
    statusSign(status),
    copyButton(() => JSON.stringify(whole(), null, 2), 'Copy as JSON'),
  );
}

/** @param {Span} span */
function copyAsCode(span) {
  const buttons = forms.map(({ name, text }) => copyButton(() => text(span), name));
  return h(
    'div',
    { class: 'as-code', role: 'group', 'aria-label': 'Copy the call as code' },
    'Copy the call for ',
    ...buttons,
  );
}

/** @param {Span | Trace} of */
function values(of) {
  return [
    of.input === null || of.input === undefined ? null : drawValue('Input', of.input),
    of.output === null || of.output === undefined ? null : drawValue('Output', of.output),
  ];
}

/** Removes the exception, which the error box already shows. @param {Readonly<Record<string, unknown>>} metadata */
function withoutException({ exception: _, ...rest }) {
  return rest;
}

/** @param {Span} span */
function usage(span) {
  const tokens = Object.entries(span.token_usage ?? {});
  const costs = Object.entries(span.cost ?? {});
  if (tokens.length === 0 && costs.length === 0) return null;
  return h(
    'div',
    { class: 'usage' },
    ...tokens.map(([name, value]) =>
      tile(name.replaceAll('_', ' '), typeof value === 'number' ? count(value) : JSON.stringify(value)),
    ),
    ...costs.map(([name, value]) =>
      tile(name === 'total' ? 'cost' : `${name.replaceAll('_', ' ')} cost`, money(value)),
    ),
  );
}

/** @param {string} name @param {string} value */
function tile(name, value) {
  return h(
    'div',
    { class: 'tile' },
    h('span', { class: 'tile-value' }, value),
    h('span', { class: 'tile-name' }, name),
  );
}

/** @param {string} title @param {Readonly<Record<string, unknown>> | null} value */
function object(title, value) {
  if (value === null || value === undefined || Object.keys(value).length === 0) return null;
  const entries = Object.entries(value);
  const isFlat = entries.every(([, each]) => each === null || typeof each !== 'object');
  const body = isFlat
    ? h(
        'dl',
        { class: 'facts' },
        ...entries.flatMap(([name, each]) =>
          pair(name, h('span', { class: 'j-value', 'data-type': typeof each }, each === '' ? '""' : String(each))),
        ),
      )
    : drawJson(value);
  return h(
    'section',
    { class: 'section', 'aria-label': title },
    h(
      'header',
      {},
      h('h3', {}, title),
      copyButton(() => JSON.stringify(value, null, 2), 'Copy'),
    ),
    body,
  );
}

/** @param {string} name @param {Node | string} value */
function pair(name, value) {
  return [h('dt', {}, name), h('dd', {}, value)];
}

/** @param {string | null} time @param {SpanNode} node */
function endOf(time, node) {
  if (time !== null) return exactTime(time);
  return node.isRunning ? 'not yet' : 'never told';
}
