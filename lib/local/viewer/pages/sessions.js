// The list of sessions.

import { api } from '../core/api.js';
import { h } from '../core/dom.js';
import { count, duration, money } from '../core/format.js';
import { hrefTo } from '../core/route.js';
import { statusSign } from '../core/signs.js';
import { idCell, nameCell, timeCell } from '../list/cells.js';
import { drawNothingFits, openList } from '../list/list-page.js';

/** @import {OpenPage, PageRoute, SessionRow} from '../shapes.js' */
/** @import {Column} from '../list/table.js' */

/** @type {Column<SessionRow>[]} */
const columns = [
  { title: 'Status', class: 'c-status', cell: (s) => statusSign(s.has_error ? 'ERROR' : 'OK') },
  { title: 'Session', class: 'c-name', cell: (s) => nameCell(s.session_id, hrefTo('session', s.session_id), s.tags) },
  { title: 'Last trace', class: 'c-time', sort: 'recent', cell: (s) => timeCell(s.last_trace_at ?? s.first_trace_at) },
  { title: 'Traces', class: 'c-number', sort: 'trace_count', cell: (s) => count(s.trace_count) },
  { title: 'Time in traces', class: 'c-number', sort: 'latency', cell: (s) => duration(s.total_latency_ms) },
  { title: 'Spans', class: 'c-number', cell: (s) => count(s.total_span_count) },
  { title: 'Tokens', class: 'c-number', cell: (s) => count(s.total_tokens) },
  { title: 'Cost', class: 'c-number', sort: 'cost', cell: (s) => money(s.total_cost) },
  { title: 'User', class: 'c-id', cell: (s) => idCell(s.user_id, (user) => hrefTo('traces', '', { user })) },
];

/**
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @returns {OpenPage}
 */
export function openSessions(main, route) {
  const search = h('input', {
    type: 'search',
    placeholder: 'Search session ids',
    'aria-label': 'Search sessions by id',
    onchange: () => list.goTo({ q: search.value.trim(), offset: '' }),
  });
  const onlyErrors = h('input', {
    type: 'checkbox',
    onchange: () => list.goTo({ errors: onlyErrors.checked ? 'true' : '', offset: '' }),
  });
  const list = openList(main, route, {
    name: 'sessions',
    title: 'Sessions',
    columns: () => columns,
    sort: 'recent',
    refreshMs: 1000,
    idOf: (s) => s.session_id,
    controls: h(
      'div',
      { class: 'filters', role: 'search' },
      search,
      h('label', { class: 'check' }, onlyErrors, ' with errors only'),
    ),
    showControls(params) {
      search.value = params.get('q') ?? '';
      onlyErrors.checked = params.get('errors') === 'true';
    },
    read: (query, params, signal) =>
      api.sessions(
        { ...query, query: params.get('q') ?? '', has_error: params.get('errors') === 'true' ? 'true' : '' },
        signal,
      ),
    drawNone: (params, total) => (total > 0 || params.has('q') || params.has('errors') ? nothingFits() : noSessions()),
  });
  return list.page;
}

function nothingFits() {
  return drawNothingFits('No session fits', h('a', { href: hrefTo('sessions') }, 'Show all sessions'));
}

function noSessions() {
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No sessions yet'),
    h('p', {}, 'A session joins the traces of one conversation. Give each of its traces the same session id:'),
    h('div', { class: 'code-block' }, h('pre', {}, "session('chat-42', () => agent.run(question));")),
  );
}
