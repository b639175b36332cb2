// Spans as a tree with times. The trace itself is the root:
//
//     trace (depth 0)
//     ├─ span (depth 1)      nodes in the order they started; a span whose parent is not there, or that is
//     │  └─ span (depth 2)   its own ancestor, stands directly under the trace and is marked as stray.
//     └─ span
//
// `visibleRows()` returns the nodes without a closed ancestor, in order.

import { duration, parseTime } from '../core/format.js';
import { markFailures } from './failures.js';
import { plumbingOf } from './plumbing.js';

/** @import {Span, Trace} from '../shapes.js' */

/**
 * @typedef {object} SpanNode
 * @property {string} id the span's, or `''` for the trace
 * @property {Span | undefined} span undefined for the trace itself
 * @property {string} name
 * @property {string} kind `TRACE` for the trace
 * @property {boolean} hasFailed
 * @property {boolean} isCaught it has failed, and the run went on
 * @property {boolean} isOpen its end is not known
 * @property {boolean} isRunning its end is not known, and the trace goes on
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
 * @param {number} now the time up to which open spans of a running trace are drawn
 * @param {boolean} [isWhole] with the spans of HTTP and databases
 */
export function buildTree(trace, now, isWhole = true) {
  /** @type {Map<string, SpanNode>} */
  const nodes = new Map();
  const times = trace.spans.map((span) => ({ start: parseTime(span.started_at), end: parseTime(span.ended_at) }));
  const [traceStart, traceEnd] = [parseTime(trace.started_at), parseTime(trace.ended_at)];
  const start = orElse(
    extreme(
      Math.min,
      [traceStart],
      times.map(({ start }) => start),
    ),
    0,
  );
  const known = orElse(
    extreme(
      Math.max,
      [start, traceEnd],
      times.flatMap(({ start, end }) => [start, end]),
    ),
    start,
  );
  const isRunning = trace.ended_at === null && isGoingOn(trace.status);
  // A trace that was abandoned days ago must not look as if it were still running.
  const end = isRunning && now - known < 600_000 ? Math.max(now, known) : known;

  const root = makeNode(undefined, trace.name, 'TRACE', start, end, trace.ended_at === null);
  root.hasFailed = trace.status === 'ERROR';
  trace.spans.forEach((span, at) => {
    const from = orElse(times[at]?.start ?? Number.NaN, start);
    const until = Math.max(from, orElse(times[at]?.end ?? Number.NaN, end));
    const node = makeNode(span, span.name, span.kind, from, until, span.ended_at === null);
    node.hasFailed = span.status === 'ERROR';
    node.firstToken = parseTime(span.completion_start_time);
    nodes.set(span.span_id, node);
  });
  root.isRunning = isRunning;
  for (const node of nodes.values()) {
    node.isRunning = isRunning && node.isOpen;
    const parentId = node.span?.parent_span_id ?? null;
    const parent = parentId === null ? root : nodes.get(parentId);
    node.isStray = parent === undefined || isAncestor(node, parent);
    node.parent = parent === undefined || node.isStray ? root : parent;
    node.parent.children.push(node);
  }
  const plumbing = plumbingOf(root);
  if (!isWhole) {
    for (const { parent } of plumbing)
      if (parent) parent.children = parent.children.filter((each) => !plumbing.has(each));
    for (const { id } of plumbing) nodes.delete(id);
  }
  const all = inOrder(root);
  return { root, nodes, all, plumbing, isRunning, origin: markFailures(root, all, trace.metadata) };
}

/** @typedef {ReturnType<typeof buildTree>} SpanTree */

/** How long it took: `820 ms`, `running`, or `no end` if the end was never recorded. @param {SpanNode} node */
export function tookOf(node) {
  if (!node.isOpen) return duration(node.end - node.start);
  return node.isRunning ? 'running' : 'no end';
}

/** The same for a trace without its tree. @param {Pick<Trace, 'started_at' | 'ended_at' | 'status'>} trace */
export function traceTookOf({ started_at, ended_at, status }) {
  if (ended_at !== null) return duration(parseTime(ended_at) - parseTime(started_at));
  return isGoingOn(status) ? 'running' : 'no end';
}

/** @param {Trace['status']} status */
function isGoingOn(status) {
  return status === 'RUNNING' || status === 'PENDING';
}

/**
 * The visible nodes.
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
 * The times in which a node with children ran and none of its children did: before, between and after them.
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
 * All nodes in the order of their rows. Sorts children by start, numbers each node, and counts the failures below it. Without
 * recursion, because a trace may be a chain of thousands of spans.
 *
 * @param {SpanNode} root
 */
function inOrder(root) {
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
 * Whether `node` as a child of `parent` would make a cycle. Only the links that are made so far count, so exactly one span of a cycle
 * becomes a stray one.
 *
 * @param {SpanNode} node
 * @param {SpanNode} parent
 */
function isAncestor(node, parent) {
  // Spans usually come in the order of their starts, so most have no children yet: the chain above them need not be walked.
  if (node.children.length === 0) return node === parent;
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
    ...{
      hasFailed: false,
      isCaught: false,
      isRunning: false,
      isStray: false,
      parent: undefined,
      children: [],
      failures: 0,
    },
    ...{ depth: 0, position: 1, order: 0, firstToken: Number.NaN },
  };
}

/** @param {number} value @param {number} otherwise */
function orElse(value, otherwise) {
  return Number.isFinite(value) ? value : otherwise;
}

/**
 * The least or greatest of the valid times; NaN if there is none. Without spreading thousands of arguments.
 *
 * @param {(a: number, b: number) => number} of
 * @param {...number[]} lists
 */
function extreme(of, ...lists) {
  let found = Number.NaN;
  for (const values of lists)
    for (const value of values) if (Number.isFinite(value)) found = Number.isNaN(found) ? value : of(found, value);
  return found;
}
