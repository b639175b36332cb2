// The list of sessions.

import { api, project } from './api.js';
import { h, throttle } from './dom.js';
import { count, duration, money } from './format.js';
import { idCell, tagLink, tellTimes, timeCell } from './list.js';
import { showFault } from './notice.js';
import { hrefTo } from './route.js';
import { statusSign } from './signs.js';
import { drawPager, drawTable } from './table.js';

/** @import {OpenPage, Route, SessionRow} from './shapes.js' */
/** @import {Column} from './table.js' */

const pageSize = 50;

/** @type {Column<SessionRow>[]} */
const columns = [
  { title: 'Status', class: 'c-status', cell: (s) => statusSign(s.has_error ? 'ERROR' : 'OK') },
  { title: 'Session', class: 'c-name', cell: nameCell },
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
 * @param {Route} route
 * @returns {OpenPage}
 */
export function openSessions(main, route) {
  let { params } = route;
  let request = new AbortController();
  const search = h('input', {
    type: 'search',
    placeholder: 'Search session ids',
    'aria-label': 'Search sessions by id',
  });
  const onlyErrors = h('input', { type: 'checkbox' });
  const pager = drawPager((offset) => goTo({ offset: String(offset) }));
  const table = drawTable({
    label: 'Sessions',
    columns,
    idOf: (s) => s.session_id,
    hrefOf: (s) => hrefTo('session', s.session_id),
    onSort: (sort) =>
      goTo({
        sort,
        order: sort === param('sort', 'recent') && param('order', 'desc') === 'desc' ? 'asc' : 'desc',
        offset: '',
      }),
  });
  const place = h('div', { class: 'list-body' });
  const filters = h(
    'div',
    { class: 'filters', role: 'search' },
    search,
    h('label', { class: 'check' }, onlyErrors, ' with errors only'),
  );
  main.append(
    h(
      'div',
      { class: 'list-page' },
      h('h1', { class: 'unseen' }, 'Sessions'),
      h('div', { class: 'list-head' }, filters, pager.element),
      place,
    ),
  );

  /** @param {string} name @param {string} [otherwise] */
  function param(name, otherwise = '') {
    return params.get(name) ?? otherwise;
  }

  /** @param {Record<string, string>} changes */
  function goTo(changes) {
    location.hash = hrefTo('sessions', '', { ...Object.fromEntries(params), ...changes });
  }

  async function load() {
    request.abort();
    request = new AbortController();
    if (search.value !== param('q')) search.value = param('q');
    onlyErrors.checked = param('errors') === 'true';
    try {
      const page =
        project === ''
          ? { items: [], total: 0, limit: pageSize, offset: 0 }
          : await api.sessions(
              {
                ...{ limit: pageSize, offset: param('offset'), query: param('q') },
                ...{ has_error: param('errors'), sort_by: param('sort', 'recent'), sort_order: param('order', 'desc') },
              },
              request.signal,
            );
      pager.show(page, page.items.length);
      if (page.items.length === 0) place.replaceChildren(noSessions(param('q') !== '' || param('errors') !== ''));
      else {
        table.show(page.items, { sort: param('sort', 'recent'), order: param('order', 'desc') });
        if (table.element.parentNode !== place) place.replaceChildren(table.element);
      }
    } catch (error) {
      showFault(place, error);
    }
  }

  search.addEventListener('change', () => goTo({ q: search.value.trim(), offset: '' }));
  onlyErrors.addEventListener('change', () => goTo({ errors: onlyErrors.checked ? 'true' : '', offset: '' }));
  const refresh = throttle(load, 1000);
  const clock = setInterval(() => tellTimes(place), 20_000);
  load();

  return {
    follow(next) {
      ({ params } = next);
      load();
      return true;
    },
    changed: refresh.call,
    key(event) {
      if (event.key === 'ArrowDown' || event.key === 'j') return table.move(1);
      if (event.key === 'ArrowUp' || event.key === 'k') return table.move(-1);
      if (event.key === 'n') return pager.turn(1);
      if (event.key === 'p') return pager.turn(-1);
      return false;
    },
    close() {
      request.abort();
      refresh.stop();
      clearInterval(clock);
    },
  };
}

/** @param {SessionRow} session */
function nameCell(session) {
  const link = h('a', { href: hrefTo('session', session.session_id) }, session.session_id);
  return h('div', { class: 'name-cell' }, link, ...session.tags.map(tagLink));
}

/** @param {boolean} isFiltered */
function noSessions(isFiltered) {
  if (isFiltered)
    return h(
      'div',
      { class: 'empty' },
      h('h2', {}, 'No session fits'),
      h('a', { href: hrefTo('sessions') }, 'Show all sessions'),
    );
  return h(
    'div',
    { class: 'empty' },
    h('h2', {}, 'No sessions yet'),
    h('p', {}, 'A session joins the traces of one conversation. Give each of its traces the same session id:'),
    h('div', { class: 'code-block' }, h('pre', {}, "session('chat-42', () => agent.run(question));")),
  );
}
