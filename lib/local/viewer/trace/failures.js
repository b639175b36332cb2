// Finds the error that ended the run, and those that were caught within it. Pure.
//
//     trace ✕ "card declined"
//     ├─ search ✕ "timed out"        caught: what is above it failed with another error, or not at all
//     └─ pay ✕ "card declined"
//        └─ charge ✕ "card declined" the origin: the deepest span of the error that ended the run

/** @import {SpanNode} from './span-tree.js' */

/**
 * Finds the deepest span of the error that ended the run, and marks the other failures as caught. Undefined if no error ended the
 * run, or no span has that error.
 *
 * @param {SpanNode} root
 * @param {readonly SpanNode[]} all
 * @param {Readonly<Record<string, unknown>>} metadata of the trace
 */
export function markFailures(root, all, metadata) {
  /** @type {Set<SpanNode>} */
  const path = new Set([root]);
  /** @type {SpanNode | undefined} */
  let origin;
  let texts = textsOf(metadata.error, metadata.exception);
  for (let node = root.hasFailed ? root : undefined; node !== undefined; ) {
    const next = cause(node, texts);
    if (next === undefined) break;
    path.add(next);
    origin = next;
    texts = textsOf(next.span?.error, next.span?.metadata?.exception);
    node = next;
  }
  for (const node of all) node.isCaught = node.hasFailed && !path.has(node);
  return origin;
}

/**
 * The failure below `parent` that has the same error as `parent`. Of several the last one counts, because the others were tried
 * again. If `parent` has no error text, it is the last failure below it.
 *
 * @param {SpanNode} parent
 * @param {readonly string[]} texts of the parent's error and its causes
 */
function cause(parent, texts) {
  const same = nearestFailed(parent).filter(({ span }) => {
    const error = span?.error ?? '';
    return texts.length === 0 || texts.some((text) => error !== '' && (text.includes(error) || error.includes(text)));
  });
  return same.sort((a, b) => a.end - b.end || a.order - b.order).at(-1);
}

/**
 * The nearest failed spans below `parent`. Spans in between may be OK, because a handle does not see errors that pass.
 *
 * @param {SpanNode} parent
 */
function nearestFailed(parent) {
  /** @type {SpanNode[]} */
  const found = [];
  const waiting = [...parent.children];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.hasFailed) found.push(node);
    else for (const child of node.children) waiting.push(child);
  }
  return found;
}

/**
 * The messages of an error, its causes and members.
 *
 * @param {unknown} error
 * @param {unknown} exception as the SDK puts it into metadata
 * @returns {string[]}
 */
function textsOf(error, exception) {
  const found = typeof error === 'string' && error !== '' ? [error] : [];
  const waiting = [exception];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    const { message, cause: below, errors } = /** @type {Record<string, unknown>} */ (next);
    if (typeof message === 'string' && message !== '') found.push(message);
    if (Array.isArray(errors)) waiting.push(...errors);
    waiting.push(below);
  }
  return found;
}
