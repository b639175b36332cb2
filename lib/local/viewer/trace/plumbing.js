// Spans of HTTP and databases, as OpenTelemetry's instrumentations record them below the agent's own steps. The tree hides them
// until the reader asks for them.

/** @import {SpanNode} from './span-tree.js' */

/** Source: OpenTelemetry documentation, semantic conventions for HTTP, databases and RPC, in their present and earlier names. */
const marks = ['http.request.method', 'http.method', 'db.system', 'db.system.name', 'rpc.system', 'rpc.system.name'];

/**
 * The nodes that can be hidden: those of HTTP or a database that have not failed and have no other nodes below them. If these are
 * all nodes, none is hidden.
 *
 * @param {SpanNode} root
 * @returns {ReadonlySet<SpanNode>}
 */
export function plumbingOf(root) {
  const found = new Set();
  const all = [];
  // Without recursion, because a trace may be a chain of thousands of spans.
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    all.push(node);
    for (const child of node.children) waiting.push(child);
  }
  for (const node of all.reverse()) {
    if (node.span === undefined || node.kind !== 'OTHER' || node.hasFailed) continue;
    const { metadata } = node.span;
    if (marks.some((mark) => Object.hasOwn(metadata ?? {}, mark)) && node.children.every((child) => found.has(child)))
      found.add(node);
  }
  return found.size === all.length - 1 ? new Set() : found;
}
