// The list of traces, with its filters.

import { api } from '../core/api.js';
import { h } from '../core/dom.js';
import { count, duration, money } from '../core/format.js';
import { howToSend } from '../core/notice.js';
import { hrefTo, parseRoute, visited } from '../core/route.js';
import { statusSign } from '../core/signs.js';
import { idCell, nameCell, timeCell } from '../list/cells.js';
import { drawFilters, readFilters, startedAfter } from '../list/filters.js';
import { drawNothingFits, openList } from '../list/list-page.js';

/** @import {OpenPage, Route, TraceRow} from '../shapes.js' */
/** @import {Filters} from '../list/filters.js' */
/** @import {Column} from '../list/table.js' */

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** @type {Column<TraceRow>[]} */
const columns = [
  { title: 'Status', class: 'c-status', sort: 'status', cell: (t) => statusSign(t.status) },
  {
    title: 'Name',
    class: 'c-name',
    sort: 'name',
    cell: (t) => nameCell(t.name, hrefTo('trace', t.trace_id), t.tags),
  },
  { title: 'Started', class: 'c-time', sort: 'started_at', cell: (t) => timeCell(t.started_at) },
  { title: 'Duration', class: 'c-number', sort: 'latency', cell: (t) => duration(t.latency_ms) },
  { title: 'Spans', class: 'c-number', cell: (t) => count(t.span_count) },
  { title: 'Tokens', class: 'c-number', cell: (t) => (t.total_tokens === 0 ? '–' : count(t.total_tokens)) },
  { title: 'Cost', class: 'c-number', cell: (t) => (t.total_cost === 0 ? '–' : money(t.total_cost)) },
  { title: 'Session', class: 'c-id', cell: (t) => idCell(t.session_id, (id) => hrefTo('session', id)) },
  { title: 'User', class: 'c-id', cell: (t) => idCell(t.user_id, (user) => hrefTo('traces', '', { user })) },
];

/**
 * @param {HTMLElement} main
 * @param {Route} route
 * @returns {OpenPage}
 */
export function openTraces(main, route) {
  const controls = drawFilters(change);
  const list = openList(main, route, {
    name: 'traces',
    title: 'Traces',
    columns,
    sort: 'started_at',
    refreshMs: 400,
    idOf: (t) => t.trace_id,
    controls: controls.element,
    showControls: (params) => controls.show(readFilters(params)),
    read(query, params, signal) {
      const { q, status, user, session, tag, since } = readFilters(params);
      const filters = { name: q, status, user_id: user, session_id: session, tags: tag };
      return api.traces({ ...query, ...filters, started_after: startedAfter(since, Date.now()) }, signal);
    },
    drawNone: (params, total) =>
      total > 0 || Object.values(readFilters(params)).some((value) => value.length > 0)
        ? drawNothingFits(
            'No trace fits',
            'Nothing in this project matches what is filtered for. ',
            h('a', { href: hrefTo('traces') }, 'Show all traces'),
          )
        : howToSend(),
    onShown(table) {
      if (visited.row !== '') table.focus(visited.row);
      visited.row = '';
    },
    stop: controls.stop,
  });

  /** @param {Filters} filters @param {boolean} settled */
  function change(filters, settled) {
    if (settled && uuid.test(filters.q)) {
      location.hash = hrefTo('trace', filters.q.toLowerCase());
      return;
    }
    const href = list.hrefWith({ ...filters, offset: '' });
    if (settled && href !== location.hash) {
      location.hash = href;
      return;
    }
    // While one types there is no step of the history for every letter.
    history.replaceState(null, '', href);
    visited.list = href;
    list.follow(parseRoute(href).params);
  }

  return list.page;
}
