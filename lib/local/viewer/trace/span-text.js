// All words of a span or a trace as one text, for the search.

/** @import {Span, Trace} from '../shapes.js' */

/** The text of each record. Records never change: new data arrive as new objects. @type {WeakMap<Span | Trace, string>} */
const texts = new WeakMap();

/**
 * In lower case: name, kind, model and error, and every key and value of input, output, metadata and parameters.
 *
 * @param {Span | Trace | undefined} record
 */
export function textOf(record) {
  if (record === undefined) return '';
  const known = texts.get(record);
  if (known !== undefined) return known;
  const { spans: _, ...own } = { spans: undefined, ...record };
  const said = ['name', 'kind', 'model', 'error', 'input', 'output', 'metadata', 'model_parameters', 'tags'];
  const parts = said.flatMap((key) => leavesOf(own[/** @type {keyof typeof own} */ (key)]));
  const text = parts.join('\n').toLowerCase();
  texts.set(record, text);
  return text;
}

/** The keys and values in a value, without recursion: it may be nested deeply. @param {unknown} value */
function leavesOf(value) {
  const found = [];
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'object' && next !== null) {
      const entries = Array.isArray(next) ? next : Object.entries(next).flat(1);
      for (let at = entries.length - 1; at >= 0; at -= 1) waiting.push(entries[at]);
    } else if (next !== undefined && next !== null) found.push(String(next));
  }
  return found;
}
