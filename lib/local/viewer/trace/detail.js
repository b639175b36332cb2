// Everything about the selected span, or about the trace itself.

import { h } from '../core/dom.js';
import { count, duration, exactTime, money, plural } from '../core/format.js';
import { copyButton } from '../core/notice.js';
import { kindSign, statusSign } from '../core/signs.js';
import { drawValue } from '../values/conversation.js';
import { drawJson } from '../values/json-tree.js';
import { tookOf } from './span-tree.js';

/** @import {Span, Trace} from '../shapes.js' */
/** @import {SpanNode} from './span-tree.js' */

/**
 * @param {SpanNode} node
 * @param {Trace} trace
 * @param {number} origin start of the trace
 */
export function drawDetail(node, trace, origin) {
  const { span } = node;
  return span === undefined ? drawTraceItself(trace, node) : drawSpan(span, node, origin);
}

/** @param {Trace} trace @param {SpanNode} node */
function drawTraceItself(trace, node) {
  const failed = trace.spans.find(({ status, error }) => status === 'ERROR' && error !== null);
  return [
    head(kindSign('TRACE'), trace.name, 'trace', trace.status, trace),
    node.hasFailed && failed?.error ? errorBox(failed.error, ` in ${failed.name}`) : null,
    ...values(trace),
    object('Metadata', trace.metadata),
    h(
      'dl',
      { class: 'facts' },
      ...pair('Trace id', h('code', {}, trace.trace_id)),
      ...pair('Started', exactTime(trace.started_at)),
      ...pair('Ended', endOf(trace.ended_at, node)),
    ),
  ];
}

/** @param {Span} span @param {SpanNode} node @param {number} origin */
function drawSpan(span, node, origin) {
  const facts = [
    ...pair('Duration', node.isRunning ? `running, ${duration(node.end - node.start)} so far` : tookOf(node)),
    ...pair('Begins', `${duration(Math.max(0, node.start - origin))} into the trace`),
    ...(Number.isNaN(node.firstToken) ? [] : pair('First token', `after ${duration(node.firstToken - node.start)}`)),
    ...(span.model === null ? [] : pair('Model', h('code', {}, span.model))),
    ...(node.children.length === 0 ? [] : pair('Below', plural(node.children.length, 'step'))),
  ];
  return [
    head(kindSign(span.kind), span.name, span.kind.toLowerCase(), span.status, span),
    h('dl', { class: 'facts' }, ...facts),
    span.error === null && span.status !== 'ERROR' ? null : errorBox(span.error ?? 'Failed without saying why.'),
    usage(span),
    ...values(span),
    object('Parameters', span.model_parameters),
    object('Metadata', span.metadata),
    h(
      'dl',
      { class: 'facts' },
      ...pair('Span id', h('code', {}, span.span_id)),
      ...pair('Started', exactTime(span.started_at)),
      ...pair('Ended', endOf(span.ended_at, node)),
    ),
  ];
}

/** @param {Node} sign @param {string} name @param {string} kind @param {string} status @param {object} whole */
function head(sign, name, kind, status, whole) {
  return h(
    'header',
    { class: 'detail-head' },
    sign,
    h('h2', {}, name),
    h('span', { class: 'muted' }, kind),
    statusSign(status),
    copyButton(() => JSON.stringify(whole, null, 2), 'Copy as JSON'),
  );
}

/** @param {Span | Trace} of */
function values(of) {
  return [
    of.input === null || of.input === undefined ? null : drawValue('Input', of.input),
    of.output === null || of.output === undefined ? null : drawValue('Output', of.output),
  ];
}

/** @param {string} error @param {string} [where] */
function errorBox(error, where = '') {
  return h('div', { class: 'error-box', role: 'note' }, h('strong', {}, `✕ Error${where}`), h('pre', {}, error));
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
      tile(name.replaceAll('_', ' '), typeof value === 'number' ? count(value) : String(value)),
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
          pair(name, h('span', { class: 'j-value', 'data-type': typeof each }, String(each))),
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
