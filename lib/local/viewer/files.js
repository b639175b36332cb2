// Trace files: a trace saved as a file, and files opened to be looked at. Nothing of an opened file leaves the page.

import { byId, h } from './dom.js';
import { note } from './notice.js';
import { go, hrefTo } from './route.js';

/** @import {Span, Trace} from './shapes.js' */

/** Opened in this page, by their number. @type {Trace[]} */
export const loaded = [];

/** @param {Trace} trace */
export function download(trace) {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(trace, null, 2)}\n`], { type: 'application/json' }));
  const link = h('a', { href: url, download: `trace-${trace.trace_id}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
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
  const traces = list
    .map((each) => each?.trace ?? each)
    .filter((each) => typeof each?.name === 'string' && each.started_at !== undefined);
  if (traces.length === 0) throw new Error('there is no trace in it.');
  return traces.map(traceOf);
}

/** What a file may leave out. @param {any} fields @returns {Trace} */
function traceOf(fields) {
  const none = {
    ended_at: null,
    input: null,
    output: null,
    session_id: null,
    user_id: null,
    environment: null,
    release: null,
  };
  const spans = Array.isArray(fields.spans) ? fields.spans : [];
  return {
    ...none,
    ...{ trace_id: `file-${loaded.length}`, status: 'COMPLETED', metadata: {} },
    ...fields,
    tags: Array.isArray(fields.tags) ? fields.tags.map(String) : [],
    spans: spans.filter((/** @type {any} */ span) => typeof span?.name === 'string').map(spanOf),
  };
}

/** @param {any} fields @param {number} at @returns {Span} */
function spanOf(fields, at) {
  const none = {
    parent_span_id: null,
    input: null,
    output: null,
    model: null,
    token_usage: null,
    ended_at: null,
    error: null,
  };
  const more = {
    completion_start_time: null,
    model_parameters: null,
    cost: null,
    metadata: {},
    kind: 'OTHER',
    status: 'UNSET',
  };
  return { ...none, ...more, span_id: `span-${at}`, ...fields };
}
