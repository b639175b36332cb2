// Trace files: a trace saved as a file, and files opened to be looked at. Nothing of an opened file leaves the page.

import { byId, h } from './dom.js';
import { note } from './notice.js';
import { go, hrefTo } from './route.js';

/** @import {Score, Span, Trace} from '../shapes.js' */

/** The traces of opened files, by their number in the address. @type {Trace[]} */
export const loaded = [];

/**
 * Saves a trace with its scores, in the form that the command `import` reads.
 *
 * @param {Trace} trace
 * @param {readonly Score[]} scores
 */
export function download(trace, scores) {
  const text = `${JSON.stringify({ ...trace, scores })}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = h('a', { href: url, download: `trace-${trace.trace_id}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The scores of each trace in a file. @type {Map<Trace, readonly Score[]>} */
const loadedScores = new Map();

/** @param {Trace} trace of a file */
export function scoresOf(trace) {
  return loadedScores.get(trace) ?? [];
}

/** The button of the frame, and files dropped anywhere on the page. */
export function listenForFiles() {
  const field = /** @type {HTMLInputElement} */ (byId('file'));
  const drop = byId('drop');
  field.addEventListener('change', () => {
    const [file] = field.files ?? [];
    if (file) openFile(file);
    field.value = '';
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.hidden = !event.dataTransfer?.types.includes('Files');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop.hidden = true;
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (file) openFile(file);
  });
}

/** @param {File} file */
async function openFile(file) {
  try {
    const traces = readTraces(await file.text());
    const first = loaded.length;
    loaded.push(...traces);
    go(traces.length === 1 ? hrefTo('file', String(first)) : hrefTo('file'));
    note(`Opened ${file.name}. It is not stored.`);
  } catch (error) {
    note(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * The traces of a file: one trace, a list of them, or one a line.
 *
 * @param {string} text
 */
function readTraces(text) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    try {
      value = lines.map((line) => JSON.parse(line));
    } catch {
      throw new Error('neither JSON nor JSON lines.');
    }
  }
  const list = Array.isArray(value) ? value : [value];
  const found = list
    .map((each) => ({ fields: each?.trace ?? each, scores: each?.scores }))
    .filter(({ fields }) => typeof fields?.name === 'string' && fields.started_at !== undefined);
  if (found.length === 0) throw new Error('there is no trace in it.');
  return found.map(({ fields, scores }, at) => {
    const trace = traceOf(fields, at);
    if (Array.isArray(scores))
      loadedScores.set(trace, scores.filter((each) => typeof each?.name === 'string').map(scoreOf));
    return trace;
  });
}

/**
 * A trace of a file. Missing fields, and fields of a wrong type, get default values.
 *
 * @param {any} fields
 * @param {number} at
 * @returns {Trace}
 */
function traceOf(fields, at) {
  const spans = Array.isArray(fields.spans) ? fields.spans : [];
  return {
    ...{ input: null, output: null },
    ...fields,
    trace_id: textOr(`file-${loaded.length + at}`, fields.trace_id),
    status: textOr('COMPLETED', fields.status),
    metadata: fieldsOr({}, fields.metadata),
    started_at: String(fields.started_at),
    ...texts(fields, ['ended_at', 'session_id', 'user_id', 'environment', 'release']),
    tags: Array.isArray(fields.tags) ? fields.tags.map(String) : [],
    spans: spans.filter((/** @type {any} */ span) => typeof span?.name === 'string').map(spanOf),
  };
}

/** @param {any} fields @param {number} at @returns {Span} */
function spanOf(fields, at) {
  return {
    ...{ input: null, output: null },
    ...fields,
    span_id: textOr(`span-${at}`, fields.span_id),
    kind: textOr('OTHER', fields.kind),
    status: textOr('UNSET', fields.status),
    started_at: String(fields.started_at),
    ...texts(fields, ['parent_span_id', 'ended_at', 'model', 'error', 'completion_start_time']),
    metadata: fieldsOr({}, fields.metadata),
    token_usage: fieldsOr(null, fields.token_usage),
    model_parameters: fieldsOr(null, fields.model_parameters),
    cost: fieldsOr(null, fields.cost),
  };
}

/** @param {any} fields @param {number} at @returns {Score} */
function scoreOf(fields, at) {
  return {
    ...fields,
    ...texts(fields, ['reason']),
    id: `score-${at}`,
    value: fields.value === null ? null : String(fields.value),
  };
}

/** The named fields; null if a field is not a text. @param {any} fields @param {string[]} names */
function texts(fields, names) {
  return Object.fromEntries(names.map((name) => [name, textOr(null, fields[name])]));
}

/** @template T @param {T} otherwise @param {unknown} value */
function textOr(otherwise, value) {
  return typeof value === 'string' ? value : otherwise;
}

/** @template T @param {T} otherwise @param {unknown} value */
function fieldsOr(otherwise, value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : otherwise;
}
