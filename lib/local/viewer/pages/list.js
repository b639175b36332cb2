// The list of traces, with its filters.

import { api } from '../core/api.js';
import { h } from '../core/dom.js';
import { count, duration, money } from '../core/format.js';
import { howToSend } from '../core/notice.js';
import { hrefTo, parseRoute, visited } from '../core/route.js';
import { statusSign } from '../core/signs.js';
import { idCell, nameCell, timeCell } from '../list/cells.js';
import { chosenColumns, drawColumnChoice } from '../list/columns.js';
import { drawFilters, readFilters } from '../list/filters.js';
import { drawNothingFits, openList } from '../list/list-page.js';
import { timesOf } from '../list/times.js';

/** @import {FoundRow, OpenPage, PageRoute} from '../shapes.js' */
/** @import {Filters} from '../list/filters.js' */
/** @import {Column} from '../list/table.js' */

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** @type {Column<FoundRow>[]} */
const columns = [
  { title: 'Status', class: 'c-status', sort: 'status', cell: (t) => statusSign(t.status) },
  {
    title: 'Name',
    class: 'c-name',
    sort: 'name',
    cell: (t) => nameCell(t.name, hrefTo('trace', t.trace_id), t.tags, previewOf(t)),
  },
  { title: 'Started', class: 'c-time', sort: 'started_at', cell: (t) => timeCell(t.started_at) },
  { title: 'Duration', class: 'c-number', sort: 'latency', cell: (t) => duration(t.latency_ms) },
  { title: 'Spans', class: 'c-number', sort: 'spans', cell: (t) => count(t.span_count) },
  {
    title: 'Tokens',
    class: 'c-number',
    sort: 'tokens',
    cell: (t) => (t.total_tokens === 0 ? '–' : count(t.total_tokens)),
  },
  { title: 'Cost', class: 'c-number', sort: 'cost', cell: (t) => (t.total_cost === 0 ? '–' : money(t.total_cost)) },
  { title: 'Session', class: 'c-id', cell: (t) => idCell(t.session_id, (id) => hrefTo('session', id)) },
  { title: 'User', class: 'c-id', cell: (t) => idCell(t.user_id, (user) => hrefTo('traces', '', { user })) },
  {
    title: 'Model',
    class: 'c-id',
    isExtra: true,
    cell: (t) => idCell(t.models.join(', ') || null, () => hrefWithKey('model', t.models[0])),
  },
  {
    title: 'Environment',
    class: 'c-id',
    isExtra: true,
    cell: (t) => idCell(t.environment, (env) => hrefWithKey('env', env)),
  },
  {
    title: 'Release',
    class: 'c-id',
    isExtra: true,
    cell: (t) => idCell(t.release, (release) => hrefWithKey('release', release)),
  },
];

/** A link to the list of traces with this value. @param {string} key @param {string | undefined} value */
function hrefWithKey(key, value = '') {
  return hrefTo('traces', '', { q: `${key}:${/\s/.test(value) ? `"${value}"` : value}` });
}

/** @param {FoundRow} trace */
function previewOf({ input_preview: input, output_preview: output }) {
  return [input, output].filter((text) => text !== null).join(' → ');
}

/**
 * @param {HTMLElement} main
 * @param {PageRoute} route
 * @returns {OpenPage}
 */
export function openTraces(main, route) {
  const controls = drawFilters(change);
  const list = openList(main, route, {
    name: 'traces',
    title: 'Traces',
    columns: () => chosenColumns(columns),
    sort: 'started_at',
    refreshMs: 400,
    idOf: (t) => t.trace_id,
    controls: h(
      'div',
      { class: 'filters' },
      controls.element,
      drawColumnChoice(columns, () => list.rebuild()),
    ),
    problem: controls.problem,
    showControls: (params) => controls.show(readFilters(params)),
    read(query, params, signal) {
      const { q, status, user, session, tag, since } = readFilters(params);
      const filters = { filter: q, status, user_id: user, session_id: session, tags: tag };
      return api.traces({ ...query, ...filters, ...timesOf(since, Date.now()) }, signal);
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
    // Typing does not add a history entry for every letter.
    history.replaceState(null, '', href);
    visited.list = href;
    list.follow(parseRoute(href).params);
  }

  return list.page;
}
