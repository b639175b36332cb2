// Spans as a tree with times. The trace itself is the root:
//
//     trace (depth 0)
//     ├─ span (depth 1)      nodes in the order they started; a span whose parent is not there, or that is
//     │  └─ span (depth 2)   its own ancestor, stands directly under the trace and is marked as stray.
//     └─ span
//
// `rows()` is what is to be seen: the nodes none of whose ancestors is closed, in order.

import { parseTime } from './format.js';

/** @import {Span, Trace} from './shapes.js' */

/**
 * @typedef {object} SpanNode
 * @property {string} id the span's, or `''` for the trace
 * @property {Span | undefined} span undefined for the trace itself
 * @property {string} name
 * @property {string} kind `TRACE` for the trace
 * @property {boolean} hasFailed
 * @property {boolean} isOpen not ended yet
 * @property {boolean} isStray
 * @property {SpanNode | undefined} parent
 * @property {SpanNode[]} children
 * @property {number} depth
 * @property {number} position among its siblings, from 1
 * @property {number} start ms since 1970
 * @property {number} end as far as known
 * @property {number} firstToken NaN when there was none
 * @property {number} failures below it
 * @property {number} order among all nodes
 */

/**
 * @param {Trace} trace
 * @param {number} now where spans of a running trace end that have not ended
 */
export function buildTree(trace, now) {
  /** @type {Map<string, SpanNode>} */
  const nodes = new Map();
  const starts = trace.spans.map((span) => parseTime(span.started_at)).filter(Number.isFinite);
  const ends = trace.spans.map((span) => parseTime(span.ended_at)).filter(Number.isFinite);
  const start = Math.min(orElse(parseTime(trace.started_at), Number.POSITIVE_INFINITY), ...smallest(starts));
  const isRunning = trace.ended_at === null && (trace.status === 'RUNNING' || trace.status === 'PENDING');
  const known = Math.max(orElse(parseTime(trace.ended_at), start), ...largest(ends), ...largest(starts));
  // A trace that was left running days ago is not drawn as if it worked until today.
  const end = isRunning && now - known < 600_000 ? Math.max(now, known) : known;

  const root = makeNode(
    undefined,
    trace.name,
    'TRACE',
    Number.isFinite(start) ? start : 0,
    end,
    trace.ended_at === null,
  );
  root.hasFailed = trace.status === 'ERROR';
  for (const span of trace.spans) {
    const from = orElse(parseTime(span.started_at), root.start);
    const node = makeNode(
      span,
      span.name,
      span.kind,
      from,
      Math.max(from, orElse(parseTime(span.ended_at), end)),
      span.ended_at === null,
    );
    node.hasFailed = span.status === 'ERROR';
    node.firstToken = parseTime(span.completion_start_time);
    nodes.set(span.span_id, node);
  }
  for (const node of nodes.values()) {
    const parentId = node.span?.parent_span_id ?? null;
    const parent = parentId === null ? root : nodes.get(parentId);
    node.isStray = parent === undefined || isAncestor(node, parent);
    node.parent = parent === undefined || node.isStray ? root : parent;
    node.parent.children.push(node);
  }
  return { root, nodes, all: number(root), isRunning };
}

/** @typedef {ReturnType<typeof buildTree>} SpanTree */

/**
 * The nodes to be seen.
 *
 * @param {SpanNode} root
 * @param {ReadonlySet<string>} closed
 */
export function visibleRows(root, closed) {
  /** @type {SpanNode[]} */
  const rows = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    rows.push(node);
    if (!closed.has(node.id))
      for (let at = node.children.length - 1; at >= 0; at -= 1)
        waiting.push(/** @type {SpanNode} */ (node.children[at]));
  }
  return rows;
}

/**
 * The stretches of a node's time in which none of its children ran, from the first child's start to the last one's end.
 *
 * @param {SpanNode} node
 * @param {number} leastMs
 */
export function gapsOf(node, leastMs) {
  /** @type {{start: number, end: number}[]} */
  const gaps = [];
  let covered = node.start;
  for (const child of node.children) {
    if (child.start - covered > leastMs) gaps.push({ start: covered, end: child.start });
    covered = Math.max(covered, child.end);
  }
  if (node.children.length > 0 && node.end - covered > leastMs) gaps.push({ start: covered, end: node.end });
  return gaps;
}

/**
 * Sorts children by start, numbers every node and counts the failures below it, without recursion: a chain of
 * thousands of spans is a trace as well.
 *
 * @param {SpanNode} root
 */
function number(root) {
  const all = [];
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    node.order = all.length;
    all.push(node);
    node.children.sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1));
    for (let at = node.children.length - 1; at >= 0; at -= 1) {
      const child = /** @type {SpanNode} */ (node.children[at]);
      child.depth = node.depth + 1;
      child.position = at + 1;
      waiting.push(child);
    }
  }
  for (const node of [...all].reverse()) {
    if (node.parent) node.parent.failures += node.failures + (node.hasFailed ? 1 : 0);
  }
  return all;
}

/**
 * Whether hanging `node` under `parent` would make a ring. Only links made so far count, so that exactly one span of a
 * ring becomes the stray one.
 *
 * @param {SpanNode} node
 * @param {SpanNode} parent
 */
function isAncestor(node, parent) {
  /** @type {SpanNode | undefined} */
  let at = parent;
  while (at !== undefined && at !== node) at = at.parent;
  return at === node;
}

/**
 * @param {Span | undefined} span
 * @param {string} name
 * @param {string} kind
 * @param {number} start
 * @param {number} end
 * @param {boolean} isOpen
 * @returns {SpanNode}
 */
function makeNode(span, name, kind, start, end, isOpen) {
  return {
    ...{ id: span?.span_id ?? '', span, name, kind, start, end, isOpen },
    ...{ hasFailed: false, isStray: false, parent: undefined, children: [], failures: 0 },
    ...{ depth: 0, position: 1, order: 0, firstToken: Number.NaN },
  };
}

/** @param {number} value @param {number} otherwise */
function orElse(value, otherwise) {
  return Number.isFinite(value) ? value : otherwise;
}

/** Without spreading thousands of arguments. @param {number[]} values */
function smallest(values) {
  return values.length === 0 ? [] : [values.reduce((a, b) => Math.min(a, b))];
}

/** @param {number[]} values */
function largest(values) {
  return values.length === 0 ? [] : [values.reduce((a, b) => Math.max(a, b))];
}
