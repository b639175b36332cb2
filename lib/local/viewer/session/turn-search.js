// Shows only the turns of a session that match words or a filter, as in the list of traces.

import { api } from '../core/api.js';
import { h, throttle } from '../core/dom.js';
import { count, plural } from '../core/format.js';
import { noteParams } from '../core/route.js';
import { drawSearchBox } from '../list/search-box.js';

/** Most traces in one answer of the server. */
const hitsAtOnce = 200;

/**
 * @param {string} session
 * @param {string} words to begin with
 * @param {AbortSignal} signal
 * @param {(found: ReadonlySet<string> | undefined) => {left: number, shown: number}} narrow takes the traces that were found
 */
export function drawTurnSearch(session, words, signal, narrow) {
  const box = drawSearchBox('Search this session', 'Search this session, or kind:tool status:error …');
  const told = h('span', { class: 'muted', role: 'status' });
  box.field.value = words;
  /** The filter of the answer that is shown. */
  let asked = '';
  /** @type {Set<string> | undefined} */
  let found;

  async function search() {
    const filter = box.field.value.trim();
    noteParams({ q: filter });
    try {
      const hits = filter === '' ? undefined : await hitsOf(session, filter, signal);
      if (filter !== box.field.value.trim()) return;
      [asked, found] = [filter, hits];
      box.problem.textContent = '';
      showCount();
    } catch (error) {
      if (!signal.aborted) box.problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  function showCount() {
    const { left, shown } = narrow(found);
    const earlier = (found?.size ?? 0) - left;
    told.textContent =
      found === undefined
        ? ''
        : `${count(left)} of ${plural(shown, 'turn')}${earlier > 0 ? `, ${count(earlier)} in earlier ones` : ''}`;
  }

  const later = throttle(search, 200);
  box.field.addEventListener('input', later.call);
  signal.addEventListener('abort', later.stop);
  return {
    element: h('div', { class: 'turn-search', role: 'search' }, box.element, told),
    /** Searches again, after new turns. */
    refresh() {
      if (found !== undefined) showCount();
      if (asked !== '' || box.field.value.trim() !== '') later.call();
    },
  };
}

/** @param {string} session @param {string} filter @param {AbortSignal} signal */
async function hitsOf(session, filter, signal) {
  const found = new Set();
  for (;;) {
    const page = { session_id: session, filter, limit: hitsAtOnce, offset: found.size };
    const { items } = await api.traces(page, signal);
    for (const { trace_id } of items) found.add(trace_id);
    if (items.length < hitsAtOnce) return found;
  }
}
